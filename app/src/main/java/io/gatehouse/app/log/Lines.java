package io.gatehouse.app.log;

import io.gatehouse.auth.ControlCharacters;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/** Formats parts of log lines. */
final class Lines {

  private Lines() {}

  /**
   * Appends a time as RFC 3339 in UTC with milliseconds, without java.time's formatters, because
   * loading them takes a noticeable part of the start-up time.
   *
   * @param epochMillis since 1970
   */
  static void appendTime(StringBuilder line, long epochMillis) {
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(Math.floorDiv(epochMillis, 1000L), 0, ZoneOffset.UTC);
    pad(line, time.getYear(), 4).append('-');
    pad(line, time.getMonthValue(), 2).append('-');
    pad(line, time.getDayOfMonth(), 2).append('T');
    pad(line, time.getHour(), 2).append(':');
    pad(line, time.getMinute(), 2).append(':');
    pad(line, time.getSecond(), 2).append('.');
    pad(line, (int) Math.floorMod(epochMillis, 1000L), 3).append('Z');
  }

  /** Appends key-value pairs, each with a space before it; values are quoted if necessary. */
  static void appendPairs(StringBuilder line, @Nullable List<KeyValuePair> pairs) {
    for (KeyValuePair pair : pairs == null ? List.<KeyValuePair>of() : pairs) {
      String value = String.valueOf(pair.value);
      line.append(' ').append(pair.key).append('=');
      if (isWord(value)) {
        line.append(value);
      } else {
        appendJson(line, value);
      }
    }
  }

  private static boolean isWord(String value) {
    return !value.isEmpty()
        && value.chars().allMatch(c -> c > ' ' && c < 0x7F && c != '"' && c != '=' && c != '\\');
  }

  /** Appends key-value pairs as members of a JSON object, each with a comma before it. */
  static void appendJsonPairs(StringBuilder line, @Nullable List<KeyValuePair> pairs) {
    for (KeyValuePair pair : pairs == null ? List.<KeyValuePair>of() : pairs) {
      line.append(',');
      appendJson(line, pair.key);
      line.append(':');
      if (pair.value instanceof Number number) {
        line.append(number);
      } else {
        appendJson(line, String.valueOf(pair.value));
      }
    }
  }

  /** Appends a text as a JSON string with its quotes. */
  static void appendJson(StringBuilder line, String text) {
    line.append('"');
    escape(line, text, true);
    line.append('"');
  }

  /** Appends a text on one line. Line breaks and control characters are escaped as in JSON. */
  static void appendText(StringBuilder line, String text) {
    escape(line, text, false);
  }

  private static void escape(StringBuilder line, String text, boolean quoted) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> line.append(quoted ? "\\" : "").append(c);
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> {
          if (isUnsafe(text, i)) {
            appendEscaped(line, c);
          } else {
            line.append(c);
          }
        }
      }
    }
  }

  /** Lone surrogates cannot be encoded in UTF-8, and control characters could disguise the text. */
  private static boolean isUnsafe(String text, int i) {
    char c = text.charAt(i);
    return Character.isSurrogate(c) ? isLoneSurrogate(text, i) : ControlCharacters.is(c);
  }

  private static void appendEscaped(StringBuilder line, char c) {
    line.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      line.append(Character.forDigit((c >> shift) & 0xf, 16));
    }
  }

  private static boolean isLoneSurrogate(String text, int i) {
    char c = text.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
    }
    return Character.isLowSurrogate(c)
        && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
  }

  private static StringBuilder pad(StringBuilder line, int number, int width) {
    String digits = Integer.toString(number);
    for (int i = digits.length(); i < width; i++) {
      line.append('0');
    }
    return line.append(digits);
  }
}
