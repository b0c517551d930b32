package io.gatehouse.control.kind;

import java.util.LinkedHashMap;
import java.util.Map;

/** Something declared: a value, compared as one. */
public sealed interface Resource
    permits ServiceAccount, Group, RevokedToken, RevokedAccount, Tokens {

  Key key();

  /**
   * The document that says it, and that is read as the same again.
   *
   * @param defaults whether fields are shown that have their default
   */
  Map<String, Object> document(boolean defaults);

  /** The document in its four parts. */
  static Map<String, Object> document(
      Kind kind, Map<String, Object> metadata, Map<String, Object> spec) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("kind", kind.label());
    document.put("apiVersion", kind.version());
    document.put("metadata", metadata);
    document.put("spec", spec);
    return document;
  }
}
