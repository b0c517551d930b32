package io.gatehouse.control.kind;

import java.util.Arrays;
import java.util.List;

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

  /** A token that does not hold any more; the gateway's own. */
  REVOKED_TOKEN("RevokedToken", "revoked token"),

  /** An account whose tokens of before a time do not hold any more; the gateway's own. */
  REVOKED_ACCOUNT("RevokedAccount", "revoked account"),

  /** When the last token that was made ends; the gateway's own. */
  TOKENS("Tokens", "end of tokens");

  /** Of the kinds that the HTTP API has. */
  public static final String API_VERSION = "gateway/v2";

  /** Of the kinds that only the store has. */
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

  /** What a document calls it. */
  public String label() {
    return label;
  }

  /** What a sentence calls it. */
  public String words() {
    return words;
  }

  /** What a path of the HTTP API calls it; empty for those it does not have. */
  public String segment() {
    return segment;
  }

  /** What a document of it gives as its version. */
  public String version() {
    return segment.isEmpty() ? OWN_VERSION : API_VERSION;
  }

  /** Whether resources of it can be made: something is done with them. */
  public boolean isSupported() {
    return segment.isEmpty() || this == SERVICE_ACCOUNT || this == GROUP;
  }

  static List<String> labels() {
    return Arrays.stream(values()).filter(Kind::isSupported).map(Kind::label).toList();
  }
}
