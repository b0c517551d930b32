package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.SecureDoor;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.identity.Secret;
import io.gatehouse.identity.login.Login;
import io.gatehouse.identity.login.Logins;
import io.gatehouse.identity.sasl.password.PlainMechanism;
import io.gatehouse.identity.sasl.scram.ScramCredential;
import io.gatehouse.identity.sasl.scram.ScramHash;
import io.gatehouse.identity.sasl.scram.ScramMechanism;
import io.gatehouse.identity.sasl.users.UserFile;
import io.gatehouse.identity.tls.Ciphers;
import io.gatehouse.identity.tls.ClientTls;
import io.gatehouse.identity.tls.KeySource;
import io.gatehouse.identity.tls.TrustSource;
import io.gatehouse.testkit.ClientLogin;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The ways to older brokers that {@link MatrixIT} takes to new ones, each once. */
class OldKafkaMechanismsIT {

  private static final Authority CA = Authority.create("Old CA");
  private static final String TOPIC = "old";

  @TempDir Path folder;

  /**
   * @param listener the cluster's
   * @param principal whom the broker must see
   * @param client what the producer shows the gateway
   */
  private record Way(
      String name, String listener, String principal, Access access, Map<String, Object> client) {}

  @ParameterizedTest
  @EnumSource(names = {"V2_8", "V3_9"})
  void everyMechanismOnce(KafkaVersion version) throws Exception {
    boolean tokens = version != KafkaVersion.V2_8; // Kafka's own checker came with 3.1
    try (TokenServer idp = TokenServer.start().client("gateway-oauth", "secret");
        KafkaCluster cluster =
            KafkaCluster.of(version, 1)
                .with(
                    Listener.ssl("MTLS", CA.server())
                        .requireClients(CA)
                        .principalRules("RULE:^CN=([a-z-]+).*$/$1/"))
                .with(mechanisms(Listener.saslSsl("SASL_TLS", CA.server()), idp, tokens))
                .start()) {
      cluster.createTopic(TOPIC, 1, 1);
      for (Way way : ways(idp, tokens)) {
        through(cluster, way);
      }
    }
  }

  private static Listener mechanisms(Listener listener, TokenServer idp, boolean tokens) {
    listener
        .plain("gateway-plain", "secret")
        .scram("SCRAM-SHA-256", "gateway-scram-short", "secret")
        .scram("SCRAM-SHA-512", "gateway-scram-long", "secret");
    return tokens ? listener.oauth(idp) : listener;
  }

  private List<Way> ways(TokenServer idp, boolean tokens) {
    TrustSource trust = new TrustSource.Text(CA.pem());
    Access tls = Access.PLAINTEXT.with(ClientTls.of(trust));
    Credentials own = CA.client("gateway-cert");
    KeySource key = new KeySource.Text(own.chainPem(), new Secret(own.keyPem()), null);
    ClientTls mtls = new ClientTls(key, trust, true, Ciphers.DEFAULT);
    List<Way> ways = new ArrayList<>();
    ways.add(new Way("mTLS", "MTLS", "User:gateway-cert", Access.PLAINTEXT.with(mtls), Map.of()));
    ways.add(
        way(
            tls,
            "User:gateway-plain",
            Logins.password("PLAIN", "gateway-plain", new Secret("secret")),
            ClientLogin.plain("alice", "alice-secret")));
    for (String mechanism : List.of("SCRAM-SHA-256", "SCRAM-SHA-512")) {
      String user = "gateway-scram-" + (mechanism.endsWith("512") ? "long" : "short");
      ways.add(
          way(
              tls,
              "User:" + user,
              Logins.password(mechanism, user, new Secret("secret")),
              ClientLogin.scram(mechanism, "alice", "alice-secret")));
    }
    if (tokens) {
      ways.add(
          way(
              tls,
              "User:gateway-oauth",
              Logins.of(oauth(idp)),
              ClientLogin.plain("alice", "alice-secret")));
    }
    return ways;
  }

  private static Way way(Access tls, String principal, Login login, Map<String, Object> client) {
    return new Way(login.mechanism(), "SASL_TLS", principal, tls.with(Accounts.of(login)), client);
  }

  private static Map<String, String> oauth(TokenServer idp) {
    return Map.of(
        "sasl.mechanism",
        "OAUTHBEARER",
        "sasl.oauthbearer.token.endpoint.url",
        idp.tokenUrl(),
        "sasl.jaas.config",
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
            + " clientId=\"gateway-oauth\" clientSecret=\"secret\";");
  }

  private void through(KafkaCluster cluster, Way way) throws Exception {
    cluster.forgetPrincipals();
    try (SecureDoor door =
        SecureDoor.start(
            cluster.bootstrapServers(way.listener()),
            way.access(),
            Map.of("in", way.client().isEmpty() ? Entry.OPEN : Entry.OPEN.with(users())))) {
      produce(door.bootstrap("in"), way);
    }
    assertThat(cluster.principalsSeen(way.listener()))
        .as(way.name())
        .containsExactly(way.principal());
  }

  private Authentication users() throws Exception {
    Path users = folder.resolve("users");
    Files.writeString(
        users,
        "alice:{plain}alice-secret\nalice:SCRAM-SHA-256=%s,SCRAM-SHA-512=%s\n"
            .formatted(
                ScramCredential.of(ScramHash.SHA_256, "alice-secret", 4096).toLine(),
                ScramCredential.of(ScramHash.SHA_512, "alice-secret", 4096).toLine()));
    UserFile file = new UserFile(users);
    return new Authentication.Sasl(
        List.of(
            new PlainMechanism(file),
            new ScramMechanism(ScramHash.SHA_256, file),
            new ScramMechanism(ScramHash.SHA_512, file)),
        Duration.ZERO);
  }

  private static void produce(String bootstrap, Way way) throws Exception {
    Map<String, Object> all = new HashMap<>(way.client());
    all.put("bootstrap.servers", bootstrap);
    all.put("security.protocol", way.client().isEmpty() ? "PLAINTEXT" : "SASL_PLAINTEXT");
    all.put("max.block.ms", 20_000);
    all.put("delivery.timeout.ms", 20_000);
    all.put("request.timeout.ms", 10_000);
    all.put("linger.ms", 0);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(all, new StringSerializer(), new StringSerializer())) {
      var sent = producer.send(new ProducerRecord<>(TOPIC, way.name())).get(30, TimeUnit.SECONDS);
      assertThat(sent.hasOffset()).as(way.name()).isTrue();
    }
  }
}
