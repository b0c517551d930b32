package io.gatehouse.gateway.security;

import io.gatehouse.auth.Secret;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.testkit.AwsAccount;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.kerberos.Kdc;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TrustSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The secured one-broker cluster that the tests here share; it ends with the JVM. */
final class Secured {

  static final Authority CA = Authority.create("Secured CA");
  static final AwsAccount AWS = new AwsAccount("arn:aws:iam::1:user/alice", "AKIDALICE", "secret");
  static final Duration BROKER_SESSION = Duration.ofSeconds(3);

  private static @Nullable KafkaCluster shared;
  private static @Nullable TokenServer idp;
  private static @Nullable Kdc kdc;

  private Secured() {}

  static synchronized TokenServer idp() {
    TokenServer server = idp;
    if (server == null) {
      server = TokenServer.start().client("oauth-client", "secret");
      idp = server;
    }
    return server;
  }

  static synchronized Kdc kdc() {
    Kdc running = kdc;
    if (running == null) {
      try {
        running = Kdc.start(Files.createTempDirectory("gatehouse-kdc"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      kdc = running;
    }
    return running;
  }

  /**
   * Listeners SASL, SASL_TLS (all mechanisms), TLS, SHORT (PLAIN, sessions of three seconds), IAM
   * (AWS_MSK_IAM, the same) and KERBEROS.
   */
  static synchronized KafkaCluster cluster() {
    KafkaCluster cluster = shared;
    if (cluster == null) {
      cluster =
          KafkaCluster.of(KafkaVersion.V4_4, 1)
              .with(Listener.ssl("TLS", CA.server()))
              .with(mechanisms(Listener.sasl("SASL")))
              .with(mechanisms(Listener.saslSsl("SASL_TLS", CA.server())))
              .with(
                  Listener.sasl("SHORT")
                      .plain("dora", "dora-secret")
                      .plain("bob", "bob-secret")
                      .reauthentication(BROKER_SESSION))
              .with(
                  Listener.saslSsl("IAM", CA.server())
                      .mskIam("eu-west-1", AWS)
                      .reauthentication(BROKER_SESSION))
              .with(Listener.sasl("KERBEROS").kerberos(kdc()))
              .start();
      shared = cluster;
    }
    return cluster;
  }

  private static Listener mechanisms(Listener listener) {
    return listener
        .plain("dora", "dora-secret")
        .plain("bob", "bob-secret")
        .scram("SCRAM-SHA-256", "carl", "carl-secret")
        .scram("SCRAM-SHA-512", "cora", "cora-secret")
        .oauth(idp());
  }

  /** A new topic of one partition. */
  static String topic(String purpose) {
    String name = RealCluster.newName(purpose);
    cluster().createTopic(name, 1, 1);
    return name;
  }

  /** TLS settings for connections to this cluster. */
  static ClientTls brokerTls() {
    return ClientTls.of(new TrustSource.Text(CA.pem()));
  }

  /** TLS settings for a listener of the gateway. */
  static ServerTls listenerTls() {
    Credentials shown = CA.server();
    return ServerTls.of(new KeySource.Text(shown.chainPem(), new Secret(shown.keyPem()), null));
  }

  /**
   * Properties of a Java client with this bootstrap address.
   *
   * @param protocol as in {@code security.protocol}
   */
  static Map<String, Object> client(String bootstrap, String protocol, Map<String, ?> login) {
    Map<String, Object> all = new HashMap<>(login);
    all.put("bootstrap.servers", bootstrap);
    all.put("security.protocol", protocol);
    if (protocol.endsWith("SSL")) {
      all.put("ssl.truststore.type", "PEM");
      all.put("ssl.truststore.certificates", CA.pem());
    }
    return all;
  }
}
