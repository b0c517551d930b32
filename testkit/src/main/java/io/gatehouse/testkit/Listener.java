package io.gatehouse.testkit;

import io.gatehouse.testkit.broker.MskIamCallbackHandler;
import io.gatehouse.testkit.broker.MskIamLoginModule;
import io.gatehouse.testkit.kerberos.Kdc;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A secured listener of every broker of a cluster, advertised as {@code localhost}:
 *
 * <pre>
 *   spec.with(Listener.ssl("MTLS", ca.server()).requireClients(ca))
 *       .with(Listener.sasl("SASL").plain("alice", "secret").scram("SCRAM-SHA-256", "bob", "secret"))
 *       .with(Listener.saslSsl("SASL_SSL", ca.server()).plain("alice", "secret"));
 * </pre>
 */
public final class Listener {

  /** SCRAM credentials, which belong to the cluster and not to a listener. */
  record ScramUser(String mechanism, String name, String password) {}

  private final String name;
  private final String protocol;
  private final @Nullable Credentials identity;
  private final Map<String, String> properties = new TreeMap<>();
  private final Map<String, String> plainUsers = new LinkedHashMap<>();
  private final Map<String, String> mechanisms = new LinkedHashMap<>();
  private final List<ScramUser> scramUsers = new ArrayList<>();
  private final Map<String, String> systemProperties = new TreeMap<>();

  private Listener(String name, String protocol, @Nullable Credentials identity) {
    this.name = name;
    this.protocol = protocol;
    this.identity = identity;
    if (identity != null) {
      with("ssl.keystore.type", "PEM");
      with("ssl.keystore.certificate.chain", identity.chainPem());
      with("ssl.keystore.key", identity.keyPem());
    }
  }

  /** A listener with TLS and these credentials of the brokers, without client certificates. */
  public static Listener ssl(String name, Credentials identity) {
    return new Listener(name, "SSL", identity);
  }

  /** A listener with SASL and without TLS. */
  public static Listener sasl(String name) {
    return new Listener(name, "SASL_PLAINTEXT", null);
  }

  /** A listener with SASL over TLS and these credentials of the brokers. */
  public static Listener saslSsl(String name, Credentials identity) {
    return new Listener(name, "SASL_SSL", identity);
  }

  /** Requires client certificates of these authorities. */
  public Listener requireClients(Authority... authorities) {
    return clients("required", authorities);
  }

  /** Accepts client certificates of these authorities. */
  public Listener requestClients(Authority... authorities) {
    return clients("requested", authorities);
  }

  private Listener clients(String how, Authority... authorities) {
    with("ssl.client.auth", how);
    with("ssl.truststore.type", "PEM");
    StringBuilder all = new StringBuilder();
    for (Authority authority : authorities) {
      all.append(authority.pem());
    }
    return with("ssl.truststore.certificates", all.toString());
  }

  /** Sets {@code ssl.principal.mapping.rules}. */
  public Listener principalRules(String rules) {
    return with("ssl.principal.mapping.rules", rules);
  }

  /** Adds a PLAIN user. */
  public Listener plain(String user, String password) {
    plainUsers.put(user, password);
    return mechanism(
        "PLAIN",
        "org.apache.kafka.common.security.plain.PlainLoginModule required "
            + plainUsers.entrySet().stream()
                .map(entry ->
                    "user_"
                        + entry.getKey()
                        + "=\""
                        + AuthenticationProperties.escape(entry.getValue())
                        + "\"")
                .collect(Collectors.joining(" "))
            + ";");
  }

  /**
   * Adds a SCRAM user.
   *
   * @param mechanism {@code SCRAM-SHA-256} or {@code SCRAM-SHA-512}
   */
  public Listener scram(String mechanism, String user, String password) {
    scramUsers.add(new ScramUser(mechanism, user, password));
    return mechanism(
        mechanism, "org.apache.kafka.common.security.scram.ScramLoginModule required;");
  }

  /**
   * Accepts tokens of this server for the audience {@code kafka}; the subject is the user. From 3.9
   * on.
   */
  public Listener oauth(TokenServer server) {
    systemProperty(TokenServer.ALLOWED_URLS, server.jwksUrl());
    with(
        "oauthbearer.sasl.server.callback.handler.class",
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler");
    with("sasl.oauthbearer.jwks.endpoint.url", server.jwksUrl());
    with("sasl.oauthbearer.expected.issuer", server.issuer());
    with("sasl.oauthbearer.expected.audience", TokenServer.AUDIENCE);
    return mechanism(
        "OAUTHBEARER",
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;");
  }

  /**
   * Accepts clients of this realm, with the service principal {@code kafka/localhost}; the first
   * part of a client's principal is the user.
   */
  public Listener kerberos(Kdc kdc) {
    systemProperty(Kdc.KRB5_CONF, kdc.krb5Conf().toString());
    with("sasl.kerberos.service.name", "kafka");
    return mechanism("GSSAPI", AuthenticationProperties.kerberosJaas(kdc, "kafka/localhost"));
  }

  /**
   * Accepts these IAM identities with {@code AWS_MSK_IAM}, signed for host {@code localhost} and
   * this region.
   */
  public Listener mskIam(String region, AwsAccount... accounts) {
    StringBuilder jaas = new StringBuilder(MskIamLoginModule.class.getName());
    jaas.append(" required host=\"localhost\" region=\"").append(region).append('"');
    for (AwsAccount account : accounts) {
      String id = account.accessKeyId();
      jaas.append(" name_%s=\"%s\"".formatted(id, AuthenticationProperties.escape(account.name())));
      jaas.append(
          " secret_%s=\"%s\""
              .formatted(id, AuthenticationProperties.escape(account.secretAccessKey())));
      if (!account.sessionToken().isEmpty()) {
        jaas.append(
            " token_%s=\"%s\""
                .formatted(id, AuthenticationProperties.escape(account.sessionToken())));
      }
    }
    with("aws_msk_iam.sasl.server.callback.handler.class", MskIamCallbackHandler.class.getName());
    return mechanism("AWS_MSK_IAM", jaas.append(';').toString());
  }

  /** Enables a mechanism with the JAAS line of its server side. */
  public Listener mechanism(String mechanism, String jaas) {
    mechanisms.put(mechanism, jaas);
    return this;
  }

  /** Limits sessions to this time unless the client re-authenticates (KIP-368). */
  public Listener reauthentication(Duration time) {
    return with("connections.max.reauth.ms", String.valueOf(time.toMillis()));
  }

  /** Sets a property of this listener, without the prefix {@code listener.name.NAME.}. */
  public Listener with(String key, String value) {
    properties.put(key, value);
    return this;
  }

  /** Sets a system property of the brokers. */
  public Listener systemProperty(String key, String value) {
    systemProperties.merge(key, value, (old, more) -> old.equals(more) ? old : old + "," + more);
    return this;
  }

  /** The name. */
  public String name() {
    return name;
  }

  /** The security protocol. */
  public String protocol() {
    return protocol;
  }

  /** The properties of a Java client except for its login: protocol and trust. */
  Map<String, Object> clientProperties() {
    Map<String, Object> client = new TreeMap<>();
    client.put("security.protocol", protocol);
    Credentials shown = identity;
    if (shown != null) {
      client.put("ssl.truststore.type", "PEM");
      client.put("ssl.truststore.certificates", shown.rootPem());
    }
    return client;
  }

  /** The broker properties. */
  Map<String, String> brokerProperties() {
    String prefix = "listener.name." + name.toLowerCase(Locale.ROOT) + ".";
    Map<String, String> all = new TreeMap<>();
    properties.forEach((key, value) -> all.put(prefix + key, value));
    if (!mechanisms.isEmpty()) {
      all.put(prefix + "sasl.enabled.mechanisms", String.join(",", mechanisms.keySet()));
    }
    mechanisms.forEach((mechanism, jaas) ->
        all.put(prefix + mechanism.toLowerCase(Locale.ROOT) + ".sasl.jaas.config", jaas));
    return all;
  }

  List<ScramUser> scramUsers() {
    return scramUsers;
  }

  Map<String, String> systemProperties() {
    return systemProperties;
  }
}
