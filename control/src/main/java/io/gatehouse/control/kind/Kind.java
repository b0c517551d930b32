package io.gatehouse.control.kind;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All kinds of resources, in the order in which a set of them is applied. */
public enum Kind {
  VIRTUAL_CLUSTER("VirtualCluster", "virtual cluster", "virtual-cluster", Effect.ON_TRAFFIC),
  ALIAS_TOPIC("AliasTopic", "alias topic", "alias-topic", Effect.ON_TRAFFIC),
  CONCENTRATION_RULE(
      "ConcentrationRule", "concentration rule", "concentration-rule", Effect.NONE_YET),

  /** A topic that a client created and a rule concentrates. Read only for users. */
  CONCENTRATED_TOPIC(
      "ConcentratedTopic", "concentrated topic", "concentrated-topic", Effect.NONE_YET),
  SERVICE_ACCOUNT("GatewayServiceAccount", "service account", "service-account", Effect.ON_TRAFFIC),
  GROUP("GatewayGroup", "group", "group", Effect.ON_TRAFFIC),

  /** Also known as GatewayInterceptor. */
  INTERCEPTOR("Interceptor", "interceptor", "interceptor", Effect.NONE_YET),

  /** A revoked token. Internal to the gateway. */
  REVOKED_TOKEN("RevokedToken", "revoked token"),

  /** An account whose tokens issued before a time are revoked. Internal to the gateway. */
  REVOKED_ACCOUNT("RevokedAccount", "revoked account"),

  /** When the last issued token expires. Internal to the gateway. */
  TOKENS("Tokens", "end of tokens"),

  /** Which resources are applied together. Internal to the gateway. */
  LABEL("Label", "label"),

  /** The salted hashes of a local account's password. Internal to the gateway. */
  ACCOUNT_PASSWORD("AccountPassword", "password of the service account"),

  /** Access rules that clients have made. Internal to the gateway. */
  ACCESS_RULES("AccessRules", "access rules");

  /** A kind of the HTTP API. */
  public static final String API_VERSION = "gateway/v2";

  /** A kind that exists only in the store. */
  public static final String OWN_VERSION = "gatehouse/v1";

  /** Whether traffic is handled by the resources of a kind, or only in a later version. */
  private enum Effect {
    ON_TRAFFIC,
    NONE_YET
  }

  private final String label;
  private final String words;
  private final String segment;
  private final Effect effect;

  Kind(String label, String words, String segment, Effect effect) {
    this.label = label;
    this.words = words;
    this.segment = segment;
    this.effect = effect;
  }

  Kind(String label, String words) {
    this(label, words, "", Effect.ON_TRAFFIC);
  }

  /** The value of {@code kind} in documents. */
  public String label() {
    return label;
  }

  /** All values of {@code kind} that are read as this one. */
  List<String> labels() {
    return this == INTERCEPTOR ? List.of(label, "GatewayInterceptor") : List.of(label);
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

  /** The kind with this label, or null. */
  static @Nullable Kind of(String label) {
    for (Kind kind : values()) {
      if (kind.labels().contains(label)) {
        return kind;
      }
    }
    return null;
  }

  /** Whether users create resources of this kind. */
  public boolean isOfUsers() {
    return !segment.isEmpty() && this != CONCENTRATED_TOPIC;
  }

  /** The kinds that users create, in the order in which they are applied. */
  public static List<Kind> ofUsers() {
    return Arrays.stream(values()).filter(Kind::isOfUsers).toList();
  }

  static List<String> labelsOfUsers() {
    return ofUsers().stream().map(Kind::label).toList();
  }

  /** The kinds whose resources have an effect. Resources of others are refused. */
  public static Set<Kind> withEffect() {
    return Arrays.stream(values())
        .filter(kind -> kind.effect == Effect.ON_TRAFFIC)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Kind.class)));
  }
}
