package io.gatehouse.control.kind;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All kinds of resources, in the order in which a set of them is applied. */
public enum Kind {
  VIRTUAL_CLUSTER("VirtualCluster", "virtual cluster", "virtual-cluster"),
  ALIAS_TOPIC("AliasTopic", "alias topic", "alias-topic"),
  CONCENTRATION_RULE("ConcentrationRule", "concentration rule", "concentration-rule"),
  CONCENTRATED_TOPIC("ConcentratedTopic", "concentrated topic", "concentrated-topic"),
  SERVICE_ACCOUNT("GatewayServiceAccount", "service account", "service-account"),
  GROUP("GatewayGroup", "group", "group"),
  INTERCEPTOR("Interceptor", "interceptor", "interceptor"),
  PLUGIN("Plugin", "plugin", "plugin"),

  /** A revoked token. Internal to the gateway. */
  REVOKED_TOKEN("RevokedToken", "revoked token"),

  /** An account whose tokens issued before a time are revoked. Internal to the gateway. */
  REVOKED_ACCOUNT("RevokedAccount", "revoked account"),

  /** When the last issued token expires. Internal to the gateway. */
  TOKENS("Tokens", "end of tokens"),

  /** Which resources are applied together. Internal to the gateway. */
  LABEL("Label", "label");

  /** A kind of the HTTP API. */
  public static final String API_VERSION = "gateway/v2";

  /** A kind that exists only in the store. */
  public static final String OWN_VERSION = "gatehouse/v1";

  private final String label;
  private final String words;
  private final String segment;

  Kind(String label, String words, String segment) {
    this.label = label;
    this.words = words;
    this.segment = segment;
  }

  Kind(String label, String words) {
    this(label, words, "");
  }

  /** The value of {@code kind} in documents. */
  public String label() {
    return label;
  }

  /** The name of the kind in messages. */
  public String words() {
    return words;
  }

  /** The segment in paths of the HTTP API; empty for internal kinds. */
  public String segment() {
    return segment;
  }

  /** The value of {@code apiVersion} in documents. */
  public String version() {
    return segment.isEmpty() ? OWN_VERSION : API_VERSION;
  }

  /** Whether resources of this kind can be created. */
  public boolean isSupported() {
    return segment.isEmpty() || this == SERVICE_ACCOUNT || this == GROUP;
  }

  /** The kind with this label that users create, or null. */
  static @Nullable Kind ofUsers(String label) {
    for (Kind kind : values()) {
      if (kind.label.equals(label) && !kind.segment.isEmpty() && kind.isSupported()) {
        return kind;
      }
    }
    return null;
  }

  static List<String> labelsOfUsers() {
    return Arrays.stream(values())
        .filter(kind -> kind.isSupported() && !kind.segment.isEmpty())
        .map(Kind::label)
        .toList();
  }

  static List<String> labels() {
    return Arrays.stream(values()).filter(Kind::isSupported).map(Kind::label).toList();
  }
}
