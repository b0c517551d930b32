package io.gatehouse.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.gateway.Gateway;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.LongSession;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.oidc.Keycloak;
import io.gatehouse.testkit.pki.Authority;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Keycloak as the identity provider of clients, of the gateway and of brokers, with the examples of
 * docs/security/client-oauthbearer.md.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KeycloakIT {

  private static final Path PAGE =
      Path.of(System.getProperty("gatehouse.root", ".."))
          .resolve("docs/security/client-oauthbearer.md");

  private static final Authority CA = Authority.create("Keycloak CA");
  private static final String TOPIC = "keycloak";
  private static final Duration LIMIT = Duration.ofSeconds(90);

  /** An unknown key is looked for once in so many seconds. */
  private static final int PAUSE_SECONDS = 10;

  @TempDir static Path folder;

  private static Keycloak keycloak;
  private static KafkaCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    keycloak = Keycloak.shared().allowInThisJvm();
    cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 1)
            .with(
                Listener.sasl("SASL")
                    .plain("gateway", "gateway-secret")
                    .plain("team-orders", "team-secret")
                    .plain("team-alice", "team-secret"))
            .with(keycloak.admitTo(Listener.saslSsl("KEYCLOAK", CA.server())))
            .start();
    try (Admin admin =
        Admin.create(cluster.clientProperties("PLAINTEXT", AuthenticationProperties.none()))) {
      admin
          .createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
    Path gateway = Files.createDirectories(folder.resolve("gateway"));
    Path client = Files.createDirectories(folder.resolve("client"));
    CA.server().writePem(gateway);
    Files.writeString(gateway.resolve("ca.crt"), CA.pem());
    Files.writeString(client.resolve("ca.crt"), CA.pem());
    Files.writeString(
        gateway.resolve("keycloak.json"), placed(block("json", 0), "PLAINTEXT", 9092));
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  // ---- the page ---------------------------------------------------------------------------------

  @Test
  @Order(1)
  void clientsAuthenticateAsDocumented() throws Exception {
    try (Door door = Door.open(block("yaml", 0), "PLAINTEXT")) {
      try (KafkaProducer<String, String> producer = door.producer(Map.of())) {
        send(producer, "java");
      }
      LongSession session =
          LongSession.run(
              LongSession.Client.LIBRDKAFKA_2_15,
              folder,
              placed(block("properties", 1), "PLAINTEXT", door.port()),
              TOPIC,
              1);
      assertThat(session.delivered()).as(session.output()).isPositive().isEqualTo(session.sent());
    }
  }

  // ---- who comes in, and as whom ----------------------------------------------------------------

  private static final String ACCOUNTS =
      """
      upstream:
        bootstrapServers: kafka-1.example:9092
        login: {mechanism: PLAIN, user: gateway, password: gateway-secret}
        accounts:
          %s: {mechanism: PLAIN, user: %s, password: team-secret}
        othersUseLogin: false
      listeners:
        - name: clients
          advertisedHost: gateway.example
          ports: {bootstrap: 9092, brokers: 9093}
          tls: {certificate: /etc/gatehouse/tls.crt, key: /etc/gatehouse/tls.key}
          authentication:
            mechanisms:
              - name: OAUTHBEARER
                jwks:
                  url: https://keycloak.example/realms/kafka/protocol/openid-connect/certs
                  issuer: https://keycloak.example/realms/kafka
                  audiences: gatehouse
                  subjectClaim: %s
      """;

  @Test
  @Order(2)
  void aPrincipalCanBeTheClientId() throws Exception {
    String yaml = ACCOUNTS.formatted("orders", "team-orders", "client_id");
    try (Door door = Door.open(yaml, "SASL")) {
      cluster.forgetPrincipals();
      try (KafkaProducer<String, String> producer = door.producer(Map.of())) {
        send(producer, "as orders");
      }
      assertThat(cluster.principalsSeen("SASL")).contains("User:team-orders");
      door.refuses(keycloak.token("billing")); // has no account
      door.refuses(keycloak.userToken("alice")); // is no application
    }
  }

  @Test
  @Order(3)
  void aPrincipalCanBeTheUserName() throws Exception {
    String yaml = ACCOUNTS.formatted("alice", "team-alice", "preferred_username");
    try (Door door = Door.open(yaml, "SASL")) {
      cluster.forgetPrincipals();
      door.admits(keycloak.userToken("alice"));
      assertThat(cluster.principalsSeen("SASL")).contains("User:team-alice");
      door.refuses(keycloak.token("orders")); // is service-account-orders here
    }
  }

  @Test
  @Order(4)
  void tokensForOthersAreRefused() throws Exception {
    try (Door door = Door.open(block("yaml", 0), "PLAINTEXT")) {
      door.admits(keycloak.token("orders"));
      door.refuses(keycloak.token("stranger")); // another audience
      door.refuses(keycloak.masterToken()); // another realm
    }
  }

  @Test
  @Order(5)
  void forgedKeyIdsDoNotCauseRequestsToKeycloak() throws Exception {
    try (Door door = Door.open(block("yaml", 0), "PLAINTEXT")) {
      String token = keycloak.token("orders");
      door.admits(token);
      int before = keycloak.jwksRequests();
      assertThat(before).isPositive();
      long begun = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        door.refuses(withKeyId(token, "forged-" + i));
      }
      long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
      assertThat(keycloak.jwksRequests() - before)
          .as("requests for keys in %s s", seconds)
          .isLessThanOrEqualTo((int) seconds / PAUSE_SECONDS + 1)
          .isLessThan(20);
      door.admits(keycloak.token("orders"));
    }
  }

  private static String withKeyId(String token, String id) {
    String header = "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"%s\"}".formatted(id);
    return Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(header.getBytes(StandardCharsets.UTF_8))
        + token.substring(token.indexOf('.'));
  }

  // ---- tokens that end soon ---------------------------------------------------------------------

  @Test
  @Order(6)
  void connectionsOutliveTheirTokens() throws Exception {
    // Otherwise sessions would last longer by the allowed clock skew.
    try (Door door = Door.open(with("skew: 1s"), "PLAINTEXT")) {
      String page =
          placed(block("properties", 1), "PLAINTEXT", door.port()).replace("orders", "telemetry");
      FutureTask<LongSession> renewing =
          begin(() ->
              LongSession.run(LongSession.Client.LIBRDKAFKA_2_15, own("renewing"), page, TOPIC, 6));
      FutureTask<LongSession> reconnecting =
          begin(() ->
              LongSession.run(
                  LongSession.Client.LIBRDKAFKA_2_0,
                  own("reconnecting"),
                  page.replaceAll("(?m)^sasl.oauthbearer.*\n", "")
                      + "token.url=%s\ntoken.client=telemetry\ntoken.secret=%s\n"
                          .formatted(keycloak.tokenUrl(), Keycloak.secret("telemetry")),
                  TOPIC,
                  4));
      try (KafkaProducer<String, String> producer = door.producer(as("telemetry"))) {
        await()
            .atMost(LIMIT)
            .until(() -> {
              send(producer, "java");
              return metric(producer, "successful-reauthentication-total") >= 2;
            });
        assertThat(metric(producer, "failed-reauthentication-total")).isZero();
        // One to bootstrap, one to the broker.
        assertThat(metric(producer, "connection-creation-total")).isLessThanOrEqualTo(2);
      }
      LongSession renewed = renewing.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(renewed.logins()).as(renewed.output()).isGreaterThanOrEqualTo(6);
      assertThat(renewed.disconnects()).as(renewed.output()).isZero();
      assertThat(renewed.delivered()).as(renewed.output()).isEqualTo(renewed.sent());
      LongSession reconnected = reconnecting.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(reconnected.disconnects()).as(reconnected.output()).isPositive();
      assertThat(reconnected.delivered()).as(reconnected.output()).isEqualTo(reconnected.sent());
    }
  }

  /** The same with Kafka's login instead of the built-in provider. */
  private static final String PROPERTIES =
      """
      upstream:
        bootstrapServers: kafka-1.example:9093
        properties:
          security.protocol: SASL_SSL
          ssl.truststore.type: PEM
          ssl.truststore.location: /etc/gatehouse/ca.crt
          sasl.mechanism: OAUTHBEARER
          sasl.login.callback.handler.class: org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler
          sasl.oauthbearer.token.endpoint.url: https://keycloak.example/realms/kafka/protocol/openid-connect/token
          sasl.jaas.config: org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="gatehouse" clientSecret="gatehouse-secret";
      listeners:
        - name: clients
          advertisedHost: gateway.example
          ports: {bootstrap: 9092, brokers: 9093}
      """;

  @Test
  @Order(7)
  void theGatewayReauthenticatesBeforeItsTokenExpires() throws Exception {
    staysLoggedIn(block("yaml", 1));
  }

  @Test
  @Order(8)
  void theGatewayReauthenticatesWithKafkasLogin() throws Exception {
    staysLoggedIn(PROPERTIES);
  }

  private static void staysLoggedIn(String yaml) throws Exception {
    try (Door door = Door.open(yaml, "KEYCLOAK");
        KafkaProducer<String, String> producer =
            door.producer(Map.of("security.protocol", "PLAINTEXT", "sasl.mechanism", "GSSAPI"))) {
      cluster.forgetPrincipals();
      int before = keycloak.tokenRequests();
      send(producer, "first");
      double connections = metric(producer, "connection-creation-total");
      int logins = logins();
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            send(producer, "more");
            assertThat(keycloak.tokenRequests() - before).as("tokens").isGreaterThanOrEqualTo(3);
            assertThat(logins() - logins).as("logins").isGreaterThanOrEqualTo(3);
          });
      assertThat(metric(producer, "connection-creation-total")).isEqualTo(connections);
      assertThat(cluster.principalsSeen("KEYCLOAK")).containsExactly("User:gatehouse");
    }
  }

  /** The number of authentications and re-authentications at the broker. */
  private static int logins() {
    return (int)
        cluster.principalsSeen().stream()
            .filter(seen -> seen.listener().equals("KEYCLOAK"))
            .count();
  }

  // ---- keys -------------------------------------------------------------------------------------

  @Test
  @Order(9) // the last: brokers, too, have to learn of the new key
  void keysAreRotatedWithoutARestart() throws Exception {
    String yaml = with("refresh: 2s");
    try (Door slow = Door.open(block("yaml", 0), "PLAINTEXT");
        Door quick = Door.open(yaml, "PLAINTEXT")) {
      String old = keycloak.token("orders");
      slow.admits(old);
      quick.admits(old);
      keycloak.addKey("next", 200);
      String fresh = keycloak.token("orders");
      assertThat(header(fresh)).isNotEqualTo(header(old));
      // The keys were just fetched: the new key is fetched after the pause.
      await().atMost(LIMIT).until(() -> slow.takes(fresh));
      slow.admits(old); // that key is still published
      keycloak.disableFirstKey();
      await().atMost(LIMIT).until(() -> !quick.takes(old));
      quick.admits(keycloak.token("orders"));
      try (KafkaProducer<String, String> producer = slow.producer(Map.of())) {
        send(producer, "with the new key");
      }
    }
  }

  private static String header(String token) {
    return token.substring(0, token.indexOf('.'));
  }

  // ---- the gateway ------------------------------------------------------------------------------

  /** A gateway, and clients with the properties of the page. */
  private record Door(Gateway gateway, Ports ports) implements AutoCloseable {

    static Door open(String yaml, String listener) throws Exception {
      Ports ports = Ports.contiguous(2);
      AppSettings settings = BoundYaml.settings(placed(yaml, listener, ports.get(0)));
      return new Door(Gateway.start(settings.gateway()), ports);
    }

    int port() {
      return ports.get(0);
    }

    KafkaProducer<String, String> producer(Map<String, ?> changes) throws IOException {
      Properties page = new Properties();
      page.load(new StringReader(placed(block("properties", 0), "PLAINTEXT", port())));
      Map<String, Object> all = new HashMap<>();
      page.forEach((key, value) -> all.put((String) key, value));
      all.put("max.block.ms", 20_000);
      all.put("delivery.timeout.ms", 20_000);
      all.put("request.timeout.ms", 10_000);
      all.put("linger.ms", 0);
      all.putAll(changes);
      return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
    }

    void admits(String token) throws Exception {
      assertThat(takes(token)).as("the token is taken").isTrue();
    }

    void refuses(String token) throws Exception {
      assertThat(takes(token)).as("the token is taken").isFalse();
    }

    /** Whether a record can be sent with this token; otherwise the login must be refused. */
    boolean takes(String token) throws Exception {
      try (KafkaProducer<String, String> producer =
          producer(AuthenticationProperties.token(token))) {
        send(producer, "token");
        return true;
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(SaslAuthenticationException.class);
        return false;
      }
    }

    @Override
    public void close() {
      gateway.close();
      ports.close();
    }
  }

  private static Map<String, Object> as(String client) {
    return Map.of(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId=\"%s\" clientSecret=\"%s\";"
            .formatted(client, Keycloak.secret(client)));
  }

  private static void send(KafkaProducer<String, String> producer, String value)
      throws ExecutionException, InterruptedException, java.util.concurrent.TimeoutException {
    var sent = producer.send(new ProducerRecord<>(TOPIC, value)).get(30, TimeUnit.SECONDS);
    assertThat(sent.hasOffset()).isTrue();
  }

  private static double metric(KafkaProducer<String, String> producer, String name) {
    return producer.metrics().entrySet().stream()
        .filter(each ->
            each.getKey().name().equals(name) && each.getKey().group().equals("producer-metrics"))
        .mapToDouble(each -> (double) each.getValue().metricValue())
        .findFirst()
        .orElseThrow();
  }

  private static Path own(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  private static <T> FutureTask<T> begin(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofVirtual().start(task);
    return task;
  }

  // ---- the page's text --------------------------------------------------------------------------

  private static String block(String language, int index) throws IOException {
    String page = Files.readString(PAGE);
    Matcher blocks =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(page.substring(page.indexOf("\n## With Keycloak\n")));
    return blocks.results().map(found -> found.group(1)).toList().get(index);
  }

  /** The configuration of the page with an additional setting of the issuer. */
  private static String with(String setting) throws IOException {
    return block("yaml", 0).replaceFirst("( +)audiences:", "$1" + setting + "\n$0");
  }

  private static String placed(String text, String listener, int port) {
    return text.replace("kafka-1.example:9092", cluster.bootstrapServers(listener))
        .replace("kafka-1.example:9093", cluster.bootstrapServers(listener))
        .replace("gateway.example:9092", "localhost:" + port)
        .replace("gateway.example", "localhost")
        .replace(
            "{bootstrap: 9092, brokers: 9093}",
            "{bootstrap: %d, brokers: %d}".formatted(port, port + 1))
        .replace("/etc/gatehouse", folder.resolve("gateway").toString())
        .replace("/etc/client", folder.resolve("client").toString())
        .replace("https://keycloak.example", keycloak.url());
  }
}
