package io.gatehouse.app.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations in Go's syntax: {@code 10s}, {@code 1m30s}, {@code 500ms}. */
public final class Durations {

  private static final Pattern PART =
      Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h)");

  private Durations() {}

  /**
   * @throws IllegalArgumentException with a message for the user
   */
  public static Duration parse(String text) {
    String unsigned = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    if (unsigned.equals("0")) {
      return Duration.ZERO;
    }
    Matcher part = PART.matcher(unsigned);
    BigDecimal nanos = BigDecimal.ZERO;
    int end = 0;
    while (part.find() && part.start() == end) {
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(nanosOf(part.group(2))));
      end = part.end();
    }
    if (end == 0 || end < unsigned.length()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a duration such as 10s, 1m30s or 500ms");
    }
    BigDecimal whole = nanos.setScale(0, RoundingMode.HALF_UP);
    if (whole.toBigInteger().bitLength() > 62) {
      throw new IllegalArgumentException("'" + text + "' is too long");
    }
    long signed = text.startsWith("-") ? -whole.longValueExact() : whole.longValueExact();
    return Duration.ofNanos(signed);
  }

  /** The shortest text that {@link #parse} converts to the same value. */
  public static String format(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    StringBuilder text = new StringBuilder(duration.isNegative() ? "-" : "");
    Duration rest = duration.abs();
    append(text, rest.toHours(), "h");
    append(text, rest.toMinutesPart(), "m");
    append(text, rest.toSecondsPart(), "s");
    append(text, rest.toMillisPart(), "ms");
    append(text, rest.toNanosPart() % 1_000_000, "ns");
    return text.toString();
  }

  private static void append(StringBuilder text, long amount, String unit) {
    if (amount > 0) {
      text.append(amount).append(unit);
    }
  }

  private static BigDecimal nanosOf(String unit) {
    return BigDecimal.valueOf(
        switch (unit) {
          case "ns" -> 1L;
          case "ms" -> 1_000_000L;
          case "s" -> 1_000_000_000L;
          case "m" -> 60_000_000_000L;
          case "h" -> 3_600_000_000_000L;
          default -> 1_000L;
        });
  }
}
