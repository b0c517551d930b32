package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.SecureDoor;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.identity.Secret;
import io.gatehouse.identity.login.Login;
import io.gatehouse.identity.login.kafka.Logins;
import io.gatehouse.identity.sasl.password.PlainMechanism;
import io.gatehouse.identity.sasl.scram.ScramCredential;
import io.gatehouse.identity.sasl.scram.ScramHash;
import io.gatehouse.identity.sasl.scram.ScramMechanism;
import io.gatehouse.identity.sasl.token.JwksSettings;
import io.gatehouse.identity.sasl.token.JwksVerifier;
import io.gatehouse.identity.sasl.token.OauthBearerMechanism;
import io.gatehouse.identity.sasl.token.TokenRules;
import io.gatehouse.identity.sasl.users.UserFile;
import io.gatehouse.identity.tls.Ciphers;
import io.gatehouse.identity.tls.ClientAuth;
import io.gatehouse.identity.tls.ClientTls;
import io.gatehouse.identity.tls.KeySource;
import io.gatehouse.identity.tls.PrincipalRules;
import io.gatehouse.identity.tls.ServerTls;
import io.gatehouse.identity.tls.TrustSource;
import io.gatehouse.testkit.ClientLogin;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.testkit.pki.PemFiles;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every way in with every way out: the record arrives, and the broker sees the right account. */
class MatrixIT {

  private static final String TOPIC = "matrix";

  @TempDir static Path folder;

  private static final Authority CA = Authority.create("Matrix CA");
  private static TokenServer idp;
  private static KafkaCluster cluster;
  private static Path users;

  @BeforeAll
  static void start() throws Exception {
    idp = TokenServer.start().client("gateway-oauth", "secret");
    cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 1)
            .with(Listener.ssl("TLS", CA.server()))
            .with(
                Listener.ssl("MTLS", CA.server())
                    .requireClients(CA)
                    .principalRules("RULE:^CN=([a-z-]+).*$/$1/"))
            .with(mechanisms(Listener.sasl("SASL")))
            .with(mechanisms(Listener.saslSsl("SASL_TLS", CA.server())))
            .start();
    users = folder.resolve("users");
    String password = "alice-secret";
    Files.writeString(
        users,
        "alice:{plain}alice-secret\nalice:SCRAM-SHA-256=%s,SCRAM-SHA-512=%s\n"
            .formatted(
                ScramCredential.of(ScramHash.SHA_256, password, 4096).toLine(),
                ScramCredential.of(ScramHash.SHA_512, password, 4096).toLine()));
    try (Admin admin = Admin.create(cluster.clientProperties("TLS", ClientLogin.none()))) {
      admin
          .createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  private static Listener mechanisms(Listener listener) {
    return listener
        .plain("gateway-plain", "secret")
        .scram("SCRAM-SHA-256", "gateway-scram-256", "secret")
        .scram("SCRAM-SHA-512", "gateway-scram-512", "secret")
        .oauth(idp);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    if (idp != null) {
      idp.close();
    }
  }

  // ---- ways out ---------------------------------------------------------------------------------

  /**
   * @param listener the cluster's
   * @param principal whom the broker must see
   */
  private record Out(String listener, String principal, Access access) {}

  private static Map<String, Out> waysOut() throws Exception {
    PemFiles key =
        CA.client("gateway-cert").writePem(Files.createDirectories(folder.resolve("up")));
    ClientTls tls = ClientTls.of(new TrustSource.Pem(key.authority(), false));
    ClientTls mtls =
        new ClientTls(
            new KeySource.Pem(key.chain(), key.key(), new Secret("not needed")),
            new TrustSource.Pem(key.authority(), false),
            true,
            Ciphers.DEFAULT);
    Map<String, Out> ways = new LinkedHashMap<>();
    ways.put("PLAINTEXT", new Out("PLAINTEXT", "User:ANONYMOUS", Access.PLAINTEXT));
    ways.put("SSL", new Out("TLS", "User:ANONYMOUS", Access.PLAINTEXT.with(tls)));
    ways.put("mTLS", new Out("MTLS", "User:gateway-cert", Access.PLAINTEXT.with(mtls)));
    logins()
        .forEach((mechanism, properties) -> {
          String principal =
              switch (mechanism) {
                case "PLAIN" -> "User:gateway-plain";
                case "OAUTHBEARER" -> "User:gateway-oauth";
                default -> "User:gateway-scram-" + mechanism.substring(10);
              };
          Login login = Logins.of(properties);
          Access plain = Access.PLAINTEXT.with(Accounts.of(login));
          ways.put("SASL_PLAINTEXT " + mechanism, new Out("SASL", principal, plain));
          ways.put("SASL_SSL " + mechanism, new Out("SASL_TLS", principal, plain.with(tls)));
        });
    return ways;
  }

  private static Map<String, Map<String, String>> logins() {
    Map<String, Map<String, String>> logins = new LinkedHashMap<>();
    logins.put(
        "PLAIN",
        login(
            "PLAIN",
            "org.apache.kafka.common.security.plain.PlainLoginModule required"
                + " username=\"gateway-plain\" password=\"secret\";"));
    for (String mechanism : List.of("SCRAM-SHA-256", "SCRAM-SHA-512")) {
      logins.put(
          mechanism,
          login(
              mechanism,
              "org.apache.kafka.common.security.scram.ScramLoginModule required"
                  + " username=\"gateway-scram-"
                  + mechanism.substring(10)
                  + "\" password=\"secret\";"));
    }
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
    logins.put("OAUTHBEARER", oauth);
    return logins;
  }

  private static Map<String, String> login(String mechanism, String jaas) {
    return Map.of("sasl.mechanism", mechanism, "sasl.jaas.config", jaas);
  }

  // ---- ways in ----------------------------------------------------------------------------------

  private static Map<String, Entry> entries() throws Exception {
    PemFiles key = CA.server().writePem(Files.createDirectories(folder.resolve("down")));
    ServerTls tls =
        new ServerTls(
            new KeySource.Pem(key.chain(), key.key(), null),
            ServerTls.Clients.of(ClientAuth.OPTIONAL, new TrustSource.Pem(key.authority(), false)),
            Ciphers.DEFAULT);
    UserFile file = new UserFile(users);
    Authentication sasl =
        new Authentication.Sasl(
            List.of(
                new PlainMechanism(file),
                new ScramMechanism(ScramHash.SHA_256, file),
                new ScramMechanism(ScramHash.SHA_512, file),
                new OauthBearerMechanism(
                    new JwksVerifier(
                        JwksSettings.of(URI.create(idp.jwksUrl())),
                        TokenRules.of(idp.issuer(), Set.of("kafka"))))),
            Duration.ZERO);
    return Map.of(
        "PLAINTEXT", Entry.OPEN,
        "SSL",
            Entry.OPEN
                .with(tls)
                .with(new Authentication.Open(new PrincipalRules("RULE:^CN=([a-z]+).*$/$1/"))),
        "SASL_PLAINTEXT", Entry.OPEN.with(sasl),
        "SASL_SSL", Entry.OPEN.with(tls).with(sasl));
  }

  /** Client properties by what the cell is called. */
  private static Map<String, Map<String, Object>> waysIn() {
    Map<String, Map<String, Object>> ways = new LinkedHashMap<>();
    ways.put("PLAINTEXT", Map.of());
    ways.put("SSL", tls(null));
    ways.put("SSL with certificate", tls(CA.client("alice")));
    for (String protocol : List.of("SASL_PLAINTEXT", "SASL_SSL")) {
      Map<String, Object> base = protocol.equals("SASL_SSL") ? tls(null) : Map.of();
      List<Map<String, Object>> logins =
          List.of(
              ClientLogin.plain("alice", "alice-secret"),
              ClientLogin.scram("SCRAM-SHA-256", "alice", "alice-secret"),
              ClientLogin.scram("SCRAM-SHA-512", "alice", "alice-secret"),
              ClientLogin.token(idp.token("alice").sign()));
      for (Map<String, Object> login : logins) {
        Map<String, Object> properties = new HashMap<>(base);
        properties.putAll(login);
        properties.put("security.protocol", protocol);
        ways.put(protocol + " " + properties.get("sasl.mechanism"), properties);
      }
    }
    return ways;
  }

  private static Map<String, Object> tls(@Nullable Credentials client) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("security.protocol", "SSL");
    properties.put("ssl.truststore.type", "PEM");
    properties.put("ssl.truststore.certificates", CA.pem());
    if (client != null) {
      properties.put("ssl.keystore.type", "PEM");
      properties.put("ssl.keystore.certificate.chain", client.chainPem());
      properties.put("ssl.keystore.key", client.keyPem());
    }
    return properties;
  }

  // ---- the cells --------------------------------------------------------------------------------

  @TestFactory
  List<DynamicTest> everyWayInWithEveryWayOut() throws Exception {
    Map<String, Entry> entries = entries();
    List<DynamicTest> tests = new ArrayList<>();
    waysOut()
        .forEach((name, out) ->
            tests.add(DynamicTest.dynamicTest("to " + name, () -> all(out, entries))));
    return tests;
  }

  private static void all(Out out, Map<String, Entry> entries) throws Exception {
    try (SecureDoor door =
        SecureDoor.start(cluster.bootstrapServers(out.listener()), out.access(), entries)) {
      for (var in : waysIn().entrySet()) {
        cluster.forgetPrincipals();
        String protocol = (String) in.getValue().getOrDefault("security.protocol", "PLAINTEXT");
        produce(door.bootstrap(protocol), in.getValue(), in.getKey());
        if (!out.listener().equals("PLAINTEXT")) { // of that one nothing is recorded
          assertThat(cluster.principalsSeen(out.listener()))
              .as("from %s", in.getKey())
              .containsExactly(out.principal());
        }
      }
    }
  }

  private static void produce(String bootstrap, Map<String, Object> properties, String cell)
      throws Exception {
    Map<String, Object> all = new HashMap<>(properties);
    all.put("bootstrap.servers", bootstrap);
    all.put("max.block.ms", 20_000);
    all.put("delivery.timeout.ms", 20_000);
    all.put("request.timeout.ms", 10_000);
    all.put("linger.ms", 0);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(all, new StringSerializer(), new StringSerializer())) {
      assertThat(
              producer
                  .send(new ProducerRecord<>(TOPIC, cell))
                  .get(30, TimeUnit.SECONDS)
                  .hasOffset())
          .as(cell)
          .isTrue();
    }
  }
}
