package io.gatehouse.gateway.security;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.aws.AwsKeys;
import io.gatehouse.auth.login.aws.MskIam;
import io.gatehouse.auth.login.kafka.Logins;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.AwsAccount;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.kerberos.Kdc;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.PemFiles;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.TrustSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All kinds of authentication at brokers: their listeners, and the gateway's settings for each.
 *
 * @param idp null for brokers that cannot check its tokens
 */
record BrokerAuthentications(Authority ca, @Nullable TokenServer idp, Kdc kdc, Path folder) {

  private static final String REGION = "eu-west-1";
  private static final AwsAccount AWS =
      new AwsAccount("arn:aws:iam::1:user/gateway", "AKIDGATEWAY", "secret");

  /**
   * One kind of authentication.
   *
   * @param listener the cluster's listener
   * @param principal the principal that the broker must see
   */
  record Out(String listener, String principal, Access access) {}

  /** The brokers' listeners beside PLAINTEXT. */
  List<Listener> listeners() {
    return List.of(
        Listener.ssl("TLS", ca.server()),
        Listener.ssl("MTLS", ca.server())
            .requireClients(ca)
            .principalRules("RULE:^CN=([a-z-]+).*$/$1/"),
        mechanisms(Listener.sasl("SASL")),
        mechanisms(Listener.saslSsl("SASL_TLS", ca.server())).mskIam(REGION, AWS));
  }

  private Listener mechanisms(Listener listener) {
    listener
        .plain("gateway-plain", "secret")
        .scram("SCRAM-SHA-256", "gateway-scram-256", "secret")
        .scram("SCRAM-SHA-512", "gateway-scram-512", "secret")
        .kerberos(kdc);
    return idp == null ? listener : listener.oauth(idp);
  }

  /** The gateway's settings by the name of the authentication. */
  Map<String, Out> all() throws IOException {
    PemFiles key =
        ca.client("gateway-cert").writePem(Files.createDirectories(folder.resolve("up")));
    TrustSource trust = new TrustSource.Pem(key.authority(), false);
    KeySource own = new KeySource.Pem(key.chain(), key.key(), new Secret("not needed"));
    Access plaintext = Access.PLAINTEXT;
    Access tls = plaintext.with(ClientTls.of(trust));
    Access mtls = plaintext.with(new ClientTls(own, trust, true, Ciphers.DEFAULT));
    Map<String, Out> ways = new LinkedHashMap<>();
    ways.put("PLAINTEXT", new Out("PLAINTEXT", "User:ANONYMOUS", plaintext));
    ways.put("SSL", new Out("TLS", "User:ANONYMOUS", tls));
    ways.put("mTLS", new Out("MTLS", "User:gateway-cert", mtls));
    logins()
        .forEach((principal, properties) -> {
          Accounts account = Accounts.of(new Logins.Settings(properties));
          String mechanism = properties.get("sasl.mechanism");
          ways.put(
              "SASL_PLAINTEXT " + mechanism, new Out("SASL", principal, plaintext.with(account)));
          ways.put("SASL_SSL " + mechanism, new Out("SASL_TLS", principal, tls.with(account)));
        });
    ways.put("SASL_SSL AWS_MSK_IAM", new Out("SASL_TLS", "User:" + AWS.name(), tls.with(iam())));
    return ways;
  }

  private static Accounts iam() {
    return Accounts.of(
        new MskIam.Settings(
            new io.gatehouse.auth.login.aws.AwsAccount(
                REGION,
                null,
                new AwsKeys(AWS.accessKeyId(), new Secret(AWS.secretAccessKey()), null),
                null),
            false));
  }

  /** The properties of logins by the principals that brokers see. */
  private Map<String, Map<String, String>> logins() {
    Map<String, Map<String, String>> logins = new LinkedHashMap<>();
    logins.put(
        "User:gateway-plain",
        login(
            "PLAIN",
            "org.apache.kafka.common.security.plain.PlainLoginModule required"
                + " username=\"gateway-plain\" password=\"secret\";"));
    for (String bits : List.of("256", "512")) {
      logins.put(
          "User:gateway-scram-" + bits,
          login(
              "SCRAM-SHA-" + bits,
              "org.apache.kafka.common.security.scram.ScramLoginModule required"
                  + " username=\"gateway-scram-%s\" password=\"secret\";".formatted(bits)));
    }
    if (idp != null) {
      logins.put("User:gateway-oauth", tokens(idp));
    }
    Map<String, String> kerberos = new HashMap<>();
    AuthenticationProperties.kerberos(kdc, "gateway-krb")
        .forEach((name, value) -> kerberos.put(name, String.valueOf(value)));
    logins.put("User:gateway-krb", kerberos);
    return logins;
  }

  private static Map<String, String> tokens(TokenServer idp) {
    Map<String, String> oauth =
        new HashMap<>(
            login(
                "OAUTHBEARER",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
                    + " clientId=\"gateway-oauth\" clientSecret=\"secret\";"));
    oauth.put("sasl.oauthbearer.token.endpoint.url", idp.tokenUrl());
    oauth.put(
        "sasl.login.callback.handler.class",
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler");
    return oauth;
  }

  private static Map<String, String> login(String mechanism, String jaas) {
    return Map.of("sasl.mechanism", mechanism, "sasl.jaas.config", jaas);
  }
}
