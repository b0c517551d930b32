package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.control.doc.Digits;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON (RFC 8259): maps, lists, texts, enums, numbers, booleans and null. Jackson is not
 * used because its first document takes half a second of CPU time.
 */
final class Json {
  private Json() {}

  /** Creates an object from names and values in turn, in this order. */
  static Map<String, @Nullable Object> object(@Nullable Object... namesAndValues) {
    var object = new LinkedHashMap<String, @Nullable Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return object;
  }

  /** The document in UTF-8. A lone surrogate, which cannot be encoded, becomes a "?". */
  static byte[] bytes(Object document) {
    var out = new StringBuilder(256);
    write(out, document);
    return out.toString().getBytes(UTF_8);
  }

  private static void write(StringBuilder out, @Nullable Object value) {
    switch (value) {
      case null -> out.append("null");
      case String text -> quote(out, text);
      case Enum<?> constant -> quote(out, constant.name());
      case Integer _, Long _, Digits _, Boolean _ -> out.append(value);
      case List<?> list -> {
        var separator = '[';
        for (var element : list) {
          out.append(separator);
          write(out, element);
          separator = ',';
        }
        out.append(list.isEmpty() ? "[]" : "]");
      }
      case Map<?, ?> map -> {
        var separator = '{';
        for (var member : map.entrySet()) {
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
      var c = text.charAt(i);
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
