package io.gatehouse.testkit;

import io.gatehouse.testkit.kerberos.Kdc;
import io.gatehouse.testkit.oidc.TokenLoginCallbackHandler;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Credentials;
import java.util.Map;

/** The properties with which a Java client authenticates. */
public final class AuthenticationProperties {

  private static final String JAAS = "sasl.jaas.config";
  private static final String MECHANISM = "sasl.mechanism";

  private AuthenticationProperties() {}

  /** No authentication. */
  public static Map<String, Object> none() {
    return Map.of();
  }

  /** PLAIN with user and password. */
  public static Map<String, Object> plain(String user, String password) {
    return password("PLAIN", "plain.Plain", user, password);
  }

  /** {@code SCRAM-SHA-256} or {@code SCRAM-SHA-512} with user and password. */
  public static Map<String, Object> scram(String mechanism, String user, String password) {
    return password(mechanism, "scram.Scram", user, password);
  }

  private static Map<String, Object> password(
      String mechanism, String module, String user, String password) {
    return Map.of(
        MECHANISM,
        mechanism,
        JAAS,
        "org.apache.kafka.common.security.%sLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(module, escape(user), escape(password)));
  }

  /** OAUTHBEARER with this token, valid or not. */
  public static Map<String, Object> token(String token) {
    return bearer("token=\"%s\"".formatted(escape(token)));
  }

  /** OAUTHBEARER with a token that the server issues for these credentials. */
  public static Map<String, Object> clientCredentials(
      TokenServer server, String id, String secret) {
    return bearer(
        "url=\"%s\" id=\"%s\" secret=\"%s\""
            .formatted(server.tokenUrl(), escape(id), escape(secret)));
  }

  /** GSSAPI with the keytab of this principal. Makes the KDC's realm the realm of this JVM. */
  public static Map<String, Object> kerberos(Kdc kdc, String principal) {
    kdc.useInThisJvm();
    return Map.of(
        MECHANISM,
        "GSSAPI",
        "sasl.kerberos.service.name",
        "kafka",
        JAAS,
        kerberosJaas(kdc, principal));
  }

  static String kerberosJaas(Kdc kdc, String principal) {
    return "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true"
        + " refreshKrb5Config=true keyTab=\"%s\" principal=\"%s\";"
            .formatted(escape(kdc.keytab(principal).toString()), kdc.principal(principal));
  }

  private static Map<String, Object> bearer(String options) {
    return Map.of(
        MECHANISM,
        "OAUTHBEARER",
        "sasl.login.callback.handler.class",
        TokenLoginCallbackHandler.class.getName(),
        JAAS,
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "
            + options
            + ";");
  }

  /** A client certificate. */
  public static Map<String, Object> certificate(Credentials credentials) {
    return Map.of(
        "ssl.keystore.type",
        "PEM",
        "ssl.keystore.certificate.chain",
        credentials.chainPem(),
        "ssl.keystore.key",
        credentials.keyPem());
  }

  /** Escapes a quoted value of a JAAS line. */
  static String escape(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
