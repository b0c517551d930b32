package io.gatehouse.control.doc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON (RFC 8259): maps, lists, texts, enums, numbers, booleans and null. Jackson is not
 * used because its first document takes half a second of CPU time.
 */
public final class JsonText {

  private JsonText() {}

  /** The document in UTF-8. A lone surrogate, which cannot be encoded, becomes a "?". */
  public static byte[] bytes(Object document) {
    return of(document).getBytes(UTF_8);
  }

  /** The document as a text in one line. */
  public static String of(Object document) {
    StringBuilder out = new StringBuilder(256);
    write(out, document);
    return out.toString();
  }

  private static void write(StringBuilder out, @Nullable Object value) {
    switch (value) {
      case null -> out.append("null");
      case String text -> quote(out, text);
      case Enum<?> constant -> quote(out, constant.name());
      case Integer _, Long _, Digits _, Boolean _ -> out.append(value);
      case List<?> list -> {
        char separator = '[';
        for (Object element : list) {
          out.append(separator);
          write(out, element);
          separator = ',';
        }
        out.append(list.isEmpty() ? "[]" : "]");
      }
      case Map<?, ?> map -> {
        char separator = '{';
        for (Map.Entry<?, ?> member : map.entrySet()) {
          out.append(separator);
          quote(out, String.valueOf(member.getKey()));
          out.append(':');
          write(out, member.getValue());
          separator = ',';
        }
        out.append(map.isEmpty() ? "{}" : "}");
      }
      default ->
          throw new IllegalArgumentException("cannot write as JSON: " + value.getClass().getName());
    }
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
