package io.gatehouse.app.config;

import io.gatehouse.auth.Nearest;
import io.gatehouse.auth.Secret;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.TrustSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a Java Kafka client for connections to brokers (docs/conduktor.md): {@code
 * security.protocol}, {@code ssl.*}, {@code sasl.*}.
 *
 * @param values by property name
 */
record ClientProperties(Map<String, String> values) {

  static final String PROTOCOL = "security.protocol";
  private static final List<String> PROTOCOLS =
      List.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL");
  private static final String VERIFICATION = "ssl.endpoint.identification.algorithm";
  private static final String TRUST = "ssl.truststore.";
  private static final String KEYS = "ssl.keystore.";
  private static final Set<String> TLS =
      Set.of(
          TRUST + "location",
          TRUST + "password",
          TRUST + "type",
          TRUST + "certificates",
          KEYS + "location",
          KEYS + "password",
          KEYS + "type",
          KEYS + "key",
          KEYS + "certificate.chain",
          "ssl.key.password",
          VERIFICATION,
          "ssl.enabled.protocols",
          "ssl.protocol",
          "ssl.cipher.suites");

  /** These select implementations in the JDK that the gateway does not use. */
  private static final Set<String> IDLE =
      Set.of(
          "ssl.provider",
          "ssl.secure.random.implementation",
          "ssl.keymanager.algorithm",
          "ssl.trustmanager.algorithm");

  ClientProperties {
    values = Map.copyOf(values);
  }

  /** The value of a property, with secrets hidden. */
  static String shown(String name, String value) {
    String lower = name.toLowerCase(Locale.ROOT);
    boolean secret =
        lower.contains("password")
            || lower.contains("secret")
            || lower.contains("jaas")
            || (lower.contains("token") && !lower.contains("url"))
            || lower.endsWith(".key")
            || lower.contains("passphrase")
            || (lower.startsWith("aws.") && !lower.endsWith("region"));
    return secret ? new Secret(value).toString() : value;
  }

  /** Parses one {@code name=value} per line, since {@code sasl.jaas.config} may contain commas. */
  static Node.Mapping lines(Node.Scalar text) {
    SequencedMap<String, Node> values = new LinkedHashMap<>();
    for (String line : text.text().lines().filter(l -> !l.isBlank()).toList()) {
      String[] sides = line.split("=", 2);
      if (sides.length < 2) {
        throw new IllegalArgumentException("a line is not name=value");
      }
      values.put(sides[0].strip(), new Node.Scalar(sides[1].strip(), text.origin()));
    }
    return new Node.Mapping(values, text.origin());
  }

  /** {@code security.protocol}, PLAINTEXT by default. */
  String protocol() {
    String given = values.getOrDefault(PROTOCOL, "PLAINTEXT").strip().toUpperCase(Locale.ROOT);
    if (!PROTOCOLS.contains(given)) {
      throw new IllegalArgumentException(
          PROTOCOL + ": '" + given + "' is not one of " + String.join(", ", PROTOCOLS));
    }
    return given;
  }

  boolean isEncrypted() {
    return protocol().endsWith("SSL");
  }

  boolean hasLogin() {
    return protocol().startsWith("SASL_");
  }

  /** The properties that describe the login. */
  Map<String, String> login() {
    Map<String, String> login = new LinkedHashMap<>();
    values.forEach((name, value) -> {
      if (name.startsWith("sasl.") || name.startsWith("aws.")) {
        login.put(name, value);
      }
    });
    login.put(PROTOCOL, protocol());
    return login;
  }

  /**
   * Adds a notice for each property without effect.
   *
   * @throws IllegalArgumentException for an unknown property
   */
  void check(Problems problems) {
    for (String name : values.keySet().stream().sorted().toList()) {
      boolean tls = name.startsWith("ssl.");
      boolean known = TLS.contains(name) || IDLE.contains(name) || name.equals(PROTOCOL);
      if (name.equals("ssl.engine.factory.class")) {
        throw new IllegalArgumentException(
            name + ": the gateway does TLS itself and does not support custom classes");
      }
      if (!known && !isOfLogin(name)) {
        throw new IllegalArgumentException(
            "there is no property "
                + name
                + " for connections to brokers"
                + Nearest.hint(name, TLS));
      }
      if (IDLE.contains(name)) {
        problems.notice(
            name + " has no effect: the gateway does not use this part of the JDK for TLS");
      } else if (tls && !isEncrypted()) {
        problems.notice(name + " has no effect: " + PROTOCOL + " is " + protocol());
      } else if (isOfLogin(name) && !hasLogin()) {
        problems.notice(name + " has no effect: " + PROTOCOL + " is " + protocol());
      }
    }
  }

  static boolean isOfLogin(String name) {
    return name.startsWith("sasl.") || name.startsWith("aws.");
  }

  /**
   * @throws IllegalArgumentException if properties contradict each other
   */
  ClientTls tls() {
    String verification = values.getOrDefault(VERIFICATION, "https").strip();
    if (!verification.isEmpty() && !verification.equalsIgnoreCase("https")) {
      throw new IllegalArgumentException(
          VERIFICATION + ": '" + verification + "' is neither https nor empty");
    }
    Ciphers ciphers =
        new Ciphers(list("ssl.enabled.protocols"), list("ssl.cipher.suites"), List.of());
    return new ClientTls(key(), trust(), !verification.isEmpty(), ciphers);
  }

  private @Nullable KeySource key() {
    Secret keyPassword = secret("ssl.key.password");
    String location = value(KEYS + "location");
    String chain = value(KEYS + "certificate.chain");
    Secret key = secret(KEYS + "key");
    if (chain != null || key != null) {
      if (chain == null || key == null || location != null) {
        throw new IllegalArgumentException(
            KEYS
                + "key and "
                + KEYS
                + "certificate.chain must be given together and without a location");
      }
      return new KeySource.Text(chain, key, keyPassword);
    }
    if (location == null) {
      return null;
    }
    return isPem(KEYS)
        ? new KeySource.Pem(Parse.path(location), Parse.path(location), keyPassword)
        : new KeySource.Store(Parse.path(location), secret(KEYS + "password"), keyPassword, null);
  }

  private TrustSource trust() {
    String location = value(TRUST + "location");
    String certificates = value(TRUST + "certificates");
    if (certificates != null) {
      if (location != null) {
        throw new IllegalArgumentException(
            TRUST + "certificates and " + TRUST + "location exclude each other");
      }
      return new TrustSource.Text(certificates);
    }
    if (location == null) {
      return new TrustSource.SystemDefault();
    }
    return isPem(TRUST)
        ? new TrustSource.Pem(Parse.path(location), false)
        : new TrustSource.Store(Parse.path(location), secret(TRUST + "password"));
  }

  private boolean isPem(String prefix) {
    return values.getOrDefault(prefix + "type", "JKS").strip().equalsIgnoreCase("PEM");
  }

  private @Nullable String value(String name) {
    String value = values.get(name);
    return value == null || value.isBlank() ? null : value;
  }

  private @Nullable Secret secret(String name) {
    String value = value(name);
    return value == null ? null : new Secret(value);
  }

  private List<String> list(String name) {
    return Parse.commas(values.getOrDefault(name, ""));
  }
}
