package io.gatehouse.app.conduktor;

import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Node.Scalar;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.TreeBuilder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The security of listeners: protocol, mode, certificates and tokens (docs/conduktor.md). */
final class ClientSecurity {

  static final String PROTOCOL = "GATEWAY_SECURITY_PROTOCOL";
  static final String MODE = "GATEWAY_SECURITY_MODE";
  static final String USER_POOL = "GATEWAY_USER_POOL_SECRET_KEY";
  private static final String ACCOUNTS = "GATEWAY_USER_POOL_SERVICE_ACCOUNT_REQUIRED";
  private static final String JWKS = "GATEWAY_OAUTH_JWKS_URL";
  private static final String REAUTHENTICATION = "GATEWAY_AUTHENTICATION_CONNECTION_MAX_REAUTH_MS";
  private static final String KEY_STORE = "GATEWAY_SSL_KEY_STORE_PATH";
  private static final String CLIENT_AUTH = "GATEWAY_SSL_CLIENT_AUTH";
  private static final String RULES = "GATEWAY_SSL_PRINCIPAL_MAPPING_RULES";
  private static final String DELEGATED = "DELEGATED_";
  private static final List<String> PROTOCOLS =
      List.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL");

  /** The variables for the security of a listener. Each has an effect with some protocols only. */
  static final List<String> VARIABLES =
      List.of(
          PROTOCOL,
          MODE,
          USER_POOL,
          ACCOUNTS,
          REAUTHENTICATION,
          KEY_STORE,
          "GATEWAY_SSL_KEY_STORE_PASSWORD",
          "GATEWAY_SSL_KEY_PASSWORD",
          "GATEWAY_SSL_KEY_TYPE",
          "GATEWAY_SSL_TRUST_STORE_PATH",
          "GATEWAY_SSL_TRUST_STORE_PASSWORD",
          "GATEWAY_SSL_TRUST_STORE_TYPE",
          CLIENT_AUTH,
          RULES,
          JWKS,
          "GATEWAY_OAUTH_EXPECTED_ISSUER",
          "GATEWAY_OAUTH_EXPECTED_AUDIENCES",
          "GATEWAY_OAUTH_JWKS_REFRESH",
          "GATEWAY_OAUTH_JWKS_RETRY",
          "GATEWAY_OAUTH_JWKS_MAX_RETRY",
          "GATEWAY_OAUTH_SCOPE_CLAIM_NAME",
          "GATEWAY_OAUTH_SUB_CLAIM_NAME");

  /** Who authenticates clients. */
  enum Mode {
    GATEWAY_MANAGED,
    KAFKA_MANAGED
  }

  /**
   * The security protocol of a listener.
   *
   * @param name without DELEGATED_
   */
  record Protocol(String name, Mode mode, Origin origin) {
    boolean isEncrypted() {
      return name.endsWith("SSL");
    }

    boolean isSasl() {
      return name.startsWith("SASL_");
    }
  }

  private final Map<String, String> variables;
  private final Problems problems;
  private final Set<String> used = new HashSet<>(Set.of(PROTOCOL, MODE));
  private boolean forwards;
  private boolean authenticates;

  ClientSecurity(Map<String, String> variables, Problems problems) {
    this.variables = variables;
    this.problems = problems;
  }

  boolean isGiven() {
    return VARIABLES.stream().anyMatch(variables::containsKey);
  }

  @Nullable Origin origin() {
    return VARIABLES.stream()
        .filter(variables::containsKey)
        .findFirst()
        .<Origin>map(Origin.Variable::new)
        .orElse(null);
  }

  // ---- inference --------------------------------------------------------------------------------

  /**
   * The protocol and mode of the single listener in legacy mode, or null if the variables are
   * invalid.
   *
   * @param kafka the security protocol of the upstream cluster, or null if it is not set
   */
  @Nullable Protocol infer(@Nullable Scalar kafka) {
    String behind = kafka == null ? "PLAINTEXT" : kafka.text().strip().toUpperCase(Locale.ROOT);
    Origin inferred = kafka == null ? Origin.DEFAULT : kafka.origin();
    String given = variables.get(PROTOCOL);
    Mode mode = mode();
    if (mode == null && variables.containsKey(MODE)) {
      return null;
    }
    if (given != null) {
      return given(given.toUpperCase(Locale.ROOT), mode);
    }
    boolean sasl = behind.startsWith("SASL_");
    if (mode == null) {
      return known(
          behind, sasl ? Mode.KAFKA_MANAGED : Mode.GATEWAY_MANAGED, inferred, kafka != null);
    }
    if (sasl != (mode == Mode.KAFKA_MANAGED)) {
      problems.add(
          Origin.DEFAULT,
          PROTOCOL
              + " is missing: "
              + MODE
              + "="
              + mode
              + " and an upstream cluster with "
              + behind
              + " do not determine it");
      return null;
    }
    return known(behind, mode, inferred, kafka != null);
  }

  /** An unknown protocol of the cluster is reported where its properties are read. */
  private static @Nullable Protocol known(String name, Mode mode, Origin origin, boolean given) {
    return PROTOCOLS.contains(name)
        ? new Protocol(name, mode, given ? origin : Origin.DEFAULT)
        : null;
  }

  private @Nullable Protocol given(String given, @Nullable Mode mode) {
    Origin origin = new Origin.Variable(PROTOCOL);
    boolean delegated = given.startsWith(DELEGATED + "SASL_");
    String name = delegated ? given.substring(DELEGATED.length()) : given;
    if (!PROTOCOLS.contains(name)) {
      problems.add(
          origin,
          "'"
              + given
              + "' is not one of "
              + String.join(", ", PROTOCOLS)
              + ", DELEGATED_SASL_PLAINTEXT, DELEGATED_SASL_SSL");
      return null;
    }
    if (delegated && mode == Mode.GATEWAY_MANAGED) {
      problems.add(
          origin, given + " means " + Mode.KAFKA_MANAGED + ", and " + MODE + " is " + mode);
      return null;
    }
    Mode own = delegated ? Mode.KAFKA_MANAGED : mode == null ? Mode.GATEWAY_MANAGED : mode;
    return checked(new Protocol(name, own, origin), PROTOCOL);
  }

  /** The protocol of an explicit listener. Nothing is inferred for explicit listeners. */
  @Nullable Protocol explicit(String variable, String given) {
    String name = given.toUpperCase(Locale.ROOT);
    if (!PROTOCOLS.contains(name)) {
      problems.add(
          new Origin.Variable(variable),
          "'" + given + "' is not one of " + String.join(", ", PROTOCOLS));
      return null;
    }
    Mode mode = mode();
    return mode == null
        ? null
        : checked(new Protocol(name, mode, new Origin.Variable(variable)), variable);
  }

  /** Reports which variables explicit listeners require, and which have no effect on them. */
  void checkExplicit() {
    if (!variables.containsKey(MODE)) {
      problems.add(
          Origin.DEFAULT,
          MODE
              + " is missing: with GATEWAY_LISTENER_ variables it must be set to GATEWAY_MANAGED or"
              + " KAFKA_MANAGED");
    }
    if (variables.containsKey(PROTOCOL)) {
      problems.notice(PROTOCOL + " has no effect: GATEWAY_LISTENER_ variables are given");
    }
  }

  private @Nullable Protocol checked(Protocol protocol, String variable) {
    if (protocol.mode == Mode.KAFKA_MANAGED && !protocol.isSasl()) {
      problems.add(
          new Origin.Variable(variable),
          protocol.name
              + " cannot be combined with KAFKA_MANAGED, where brokers authenticate clients with"
              + " SASL; use SASL_PLAINTEXT or SASL_SSL");
      return null;
    }
    return protocol;
  }

  private @Nullable Mode mode() {
    String given = variables.get(MODE);
    if (given == null) {
      return null;
    }
    for (Mode mode : Mode.values()) {
      if (mode.name().equalsIgnoreCase(given)) {
        return mode;
      }
    }
    problems.add(
        new Origin.Variable(MODE), "'" + given + "' is not GATEWAY_MANAGED or KAFKA_MANAGED");
    return null;
  }

  // ---- what a listener gets ---------------------------------------------------------------------

  /**
   * @param clientAuthVariable the listener's own variable, which overrides the variable for all
   *     listeners
   */
  void describe(TreeBuilder listener, Protocol protocol, String clientAuthVariable) {
    if (protocol.isEncrypted()) {
      tls(listener, protocol, clientAuthVariable);
    }
    if (!protocol.isSasl()) {
      if (protocol.isEncrypted()) {
        copy(listener, RULES, "authentication", "principalRules");
      }
      return;
    }
    if (protocol.mode == Mode.KAFKA_MANAGED) {
      forwards = true;
      listener.set("forwarded", protocol.origin, "authentication", "type");
      return;
    }
    Scalar session = millis(REAUTHENTICATION);
    List<Node> mechanisms = mechanisms();
    if (mechanisms.isEmpty()) {
      problems.add(
          protocol.origin,
          protocol.name
              + " needs "
              + USER_POOL
              + " (for PLAIN with tokens of service accounts) or "
              + JWKS
              + " (for OAUTHBEARER)");
    } else {
      listener.set("sasl", protocol.origin, "authentication", "type");
      if (session != null) {
        listener.set(session, "authentication", "maxSession");
      }
      listener.set(
          new Node.Sequence(mechanisms, mechanisms.getFirst().origin()),
          "authentication",
          "mechanisms");
      authenticates = true;
    }
  }

  private void tls(TreeBuilder listener, Protocol protocol, String clientAuthVariable) {
    if (!variables.containsKey(KEY_STORE)) {
      problems.add(
          protocol.origin,
          protocol.name
              + " towards clients needs "
              + KEY_STORE
              + (variables.containsKey(PROTOCOL)
                  ? ""
                  : "; " + PROTOCOL + " sets another protocol"));
      return;
    }
    copy(listener, KEY_STORE, "tls", "keyStore");
    copy(listener, "GATEWAY_SSL_KEY_STORE_PASSWORD", "tls", "keyStorePassword");
    copy(listener, "GATEWAY_SSL_KEY_PASSWORD", "tls", "keyPassword");
    copy(listener, "GATEWAY_SSL_TRUST_STORE_PATH", "tls", "trustStore");
    copy(listener, "GATEWAY_SSL_TRUST_STORE_PASSWORD", "tls", "trustStorePassword");
    type("GATEWAY_SSL_KEY_TYPE");
    type("GATEWAY_SSL_TRUST_STORE_TYPE");
    used.add(CLIENT_AUTH);
    String name = variables.containsKey(clientAuthVariable) ? clientAuthVariable : CLIENT_AUTH;
    String given = variables.getOrDefault(name, "NONE");
    Origin origin = variables.containsKey(name) ? new Origin.Variable(name) : Origin.DEFAULT;
    String auth =
        switch (given.toUpperCase(Locale.ROOT)) {
          case "NONE" -> "none";
          case "OPTIONAL" -> "optional";
          case "REQUIRE", "REQUIRED" -> "required";
          default -> "";
        };
    if (auth.isEmpty()) {
      problems.add(origin, "'" + given + "' is not one of NONE, OPTIONAL, REQUIRE");
    } else {
      listener.set(auth, origin, "tls", "clientAuth");
    }
  }

  /** The format of a store is detected, so its type is only checked for a known name. */
  private void type(String name) {
    used.add(name);
    String type = variables.getOrDefault(name, "jks").toLowerCase(Locale.ROOT);
    if (!List.of("jks", "pkcs12", "p12").contains(type)) {
      problems.add(new Origin.Variable(name), "'" + type + "' is not one of jks, pkcs12, p12");
    }
  }

  private List<Node> mechanisms() {
    List<Node> mechanisms = new ArrayList<>();
    if (variables.containsKey(USER_POOL)) {
      TreeBuilder plain = new TreeBuilder();
      plain.set("PLAIN", new Origin.Variable(USER_POOL), "name");
      copy(plain, USER_POOL, "serviceAccountKey");
      copy(plain, ACCOUNTS, "accountsRequired");
      mechanisms.add(plain.build());
    }
    if (variables.containsKey(JWKS)) {
      TreeBuilder oauth = new TreeBuilder();
      oauth.set("OAUTHBEARER", new Origin.Variable(JWKS), "name");
      copy(oauth, JWKS, "jwks", "url");
      copy(oauth, "GATEWAY_OAUTH_EXPECTED_ISSUER", "jwks", "issuer");
      audiences(oauth);
      copy(oauth, "GATEWAY_OAUTH_SUB_CLAIM_NAME", "jwks", "subjectClaim");
      copy(oauth, "GATEWAY_OAUTH_SCOPE_CLAIM_NAME", "jwks", "scopeClaim");
      time(oauth, "GATEWAY_OAUTH_JWKS_REFRESH", "refresh");
      time(oauth, "GATEWAY_OAUTH_JWKS_RETRY", "retry");
      time(oauth, "GATEWAY_OAUTH_JWKS_MAX_RETRY", "maxRetry");
      mechanisms.add(oauth.build());
    }
    return mechanisms;
  }

  /** {@code a,b}, optionally in brackets. */
  private void audiences(TreeBuilder oauth) {
    String name = "GATEWAY_OAUTH_EXPECTED_AUDIENCES";
    used.add(name);
    String given = variables.get(name);
    if (given != null) {
      String bare = given.replaceFirst("^\\[", "").replaceFirst("]$", "");
      oauth.set(Parse.commas(bare), new Origin.Variable(name), "jwks", "audiences");
    }
  }

  private void time(TreeBuilder oauth, String name, String key) {
    Scalar time = millis(name);
    if (time != null) {
      oauth.set(time, "jwks", key);
    }
  }

  private @Nullable Scalar millis(String name) {
    used.add(name);
    String value = variables.get(name);
    if (value == null) {
      return null;
    }
    Origin origin = new Origin.Variable(name);
    try {
      return new Scalar(Parse.number(value, 0, Integer.MAX_VALUE) + "ms", origin);
    } catch (IllegalArgumentException e) {
      problems.add(origin, String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** Whether the brokers authenticate the clients of a listener. */
  boolean forwards() {
    return forwards;
  }

  /** Whether the clients of a listener log in at the gateway with SASL. */
  boolean authenticates() {
    return authenticates;
  }

  /** Whether it is said, not only inferred, that the gateway authenticates clients. */
  boolean saysGatewayManaged() {
    return Mode.GATEWAY_MANAGED.name().equalsIgnoreCase(variables.get(MODE));
  }

  /** Whether a listener accepts tokens of service accounts. */
  boolean usesTokens() {
    return variables.containsKey(USER_POOL) && used.contains(USER_POOL);
  }

  /** Adds a notice for each given variable that no listener uses. */
  void noticeUnused() {
    for (String name : VARIABLES) {
      if (variables.containsKey(name) && !used.contains(name)) {
        problems.notice(name + " has no effect with this security protocol and mode");
      }
    }
  }

  private void copy(TreeBuilder to, String name, String... path) {
    used.add(name);
    String value = variables.get(name);
    if (value != null) {
      to.set(value, new Origin.Variable(name), path);
    }
  }
}
