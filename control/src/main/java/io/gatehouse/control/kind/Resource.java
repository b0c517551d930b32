package io.gatehouse.control.kind;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A declared resource, compared by value. */
public sealed interface Resource
    permits VirtualCluster,
        AliasTopic,
        ConcentrationRule,
        ConcentratedTopic,
        ServiceAccount,
        Group,
        Interceptor,
        RevokedToken,
        RevokedAccount,
        Tokens,
        Label,
        AccountPassword,
        AccessRules {

  Key key();

  /**
   * The document of this resource. Parsing it yields an equal resource.
   *
   * @param defaults whether fields are shown that have their default
   */
  Map<String, @Nullable Object> document(boolean defaults);

  /** A document with kind, apiVersion, metadata and spec. */
  static Map<String, @Nullable Object> document(
      Kind kind, Map<String, @Nullable Object> metadata, Map<String, @Nullable Object> spec) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("kind", kind.label());
    document.put("apiVersion", kind.version());
    document.put("metadata", metadata);
    document.put("spec", spec);
    return document;
  }
}
