package io.gatehouse.http;

import io.gatehouse.control.doc.JsonText;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON documents of maps, lists, texts, enums, numbers, booleans and null. */
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
    return JsonText.bytes(document);
  }
}
