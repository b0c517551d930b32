package io.gatehouse.app.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes such as {@code 64KiB}, {@code 100MiB}, {@code 1GiB}, {@code 500MB}, or a plain number of
 * bytes.
 */
public final class ByteSizes {

  private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*([KMG]I?B|B|)");

  private ByteSizes() {}

  /**
   * @throws IllegalArgumentException with a message for the user
   */
  public static long parse(String text) {
    Matcher size = SIZE.matcher(text.toUpperCase(Locale.ROOT));
    if (!size.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a size such as 4096, 64KiB or 100MiB");
    }
    long factor =
        switch (size.group(2)) {
          case "KIB" -> 1L << 10;
          case "MIB" -> 1L << 20;
          case "GIB" -> 1L << 30;
          case "KB" -> 1_000L;
          case "MB" -> 1_000_000L;
          case "GB" -> 1_000_000_000L;
          default -> 1L;
        };
    try {
      return Math.multiplyExact(Long.parseLong(size.group(1)), factor);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("'" + text + "' is too large", e);
    }
  }

  /** The shortest text that {@link #parse} converts to the same value. */
  public static String format(long bytes) {
    if (bytes == 0 || bytes % 1024 != 0) {
      return Long.toString(bytes);
    }
    if (bytes % (1L << 30) == 0) {
      return (bytes >> 30) + "GiB";
    }
    return bytes % (1L << 20) == 0 ? (bytes >> 20) + "MiB" : (bytes >> 10) + "KiB";
  }
}
