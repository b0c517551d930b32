package io.gatehouse.gateway.security;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.aws.AwsAccount;
import io.gatehouse.auth.login.aws.AwsKeys;
import io.gatehouse.auth.login.aws.MskIam;
import io.gatehouse.auth.login.kafka.Logins;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.wire.tree.Struct;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** Brokers authenticate clients through the gateway, which learns their principals. */
class ForwardedIT {

  private static final Authentication FORWARDED = new Authentication.Forwarded();

  /** Produces a record through the gateway. */
  static void produce(Map<String, Object> properties, String topic, String value) throws Exception {
    Map<String, Object> all = new LinkedHashMap<>(properties);
    all.put("max.block.ms", 20_000);
    all.put("delivery.timeout.ms", 20_000);
    all.put("request.timeout.ms", 10_000);
    all.put("linger.ms", 0);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(all, new StringSerializer(), new StringSerializer())) {
      assertThat(
              producer.send(new ProducerRecord<>(topic, value)).get(30, TimeUnit.SECONDS).offset())
          .isNotNegative();
    }
  }

  /** Logins by the principal that the broker must see. */
  private static Map<String, Map<String, Object>> logins() {
    Map<String, Map<String, Object>> logins = new LinkedHashMap<>();
    logins.put("dora", AuthenticationProperties.plain("dora", "dora-secret"));
    logins.put("carl", AuthenticationProperties.scram("SCRAM-SHA-256", "carl", "carl-secret"));
    logins.put("cora", AuthenticationProperties.scram("SCRAM-SHA-512", "cora", "cora-secret"));
    logins.put("olga", AuthenticationProperties.token(Secured.idp().token("olga").sign()));
    return logins;
  }

  @Test
  void theBrokerAuthenticatesTheClientAndTheGatewayLearnsThePrincipal() throws Exception {
    String topic = Secured.topic("forwarded");
    for (String protocol : List.of("SASL_PLAINTEXT", "SASL_SSL")) {
      boolean tls = protocol.equals("SASL_SSL");
      String listener = tls ? "SASL_TLS" : "SASL";
      Access access =
          tls
              ? Access.PLAINTEXT
                  .with(Secured.brokerTls())
                  .with(Accounts.of(Logins.password("PLAIN", "bob", new Secret("bob-secret"))))
              : Access.PLAINTEXT;
      Entry entry = Entry.OPEN.with(FORWARDED);
      try (LogLines log = LogLines.ofConnections();
          SecuredGateway secured =
              SecuredGateway.of(Secured.cluster().bootstrapServers(listener))
                  .access(access)
                  .listener("x", tls ? entry.with(Secured.listenerTls()) : entry)
                  .start()) {
        Secured.cluster().forgetPrincipals();
        for (var login : logins().entrySet()) {
          produce(
              Secured.client(secured.bootstrap("x"), protocol, login.getValue()),
              topic,
              login.getKey());
          assertThat(Secured.cluster().principalsSeen(listener))
              .contains("User:" + login.getKey())
              .isSubsetOf("User:bob", "User:dora", "User:carl", "User:cora", "User:olga");
          log.await(" User:" + login.getKey() + " -> ");
        }
      }
    }
  }

  @Test
  void kerberosIsForwarded() throws Exception {
    String topic = Secured.topic("forwarded");
    Secured.cluster().forgetPrincipals();
    try (SecuredGateway secured =
        SecuredGateway.of(Secured.cluster().bootstrapServers("KERBEROS"))
            .listener("x", Entry.OPEN.with(FORWARDED))
            .start()) {
      produce(
          Secured.client(
              secured.bootstrap("x"),
              "SASL_PLAINTEXT",
              AuthenticationProperties.kerberos(Secured.kdc(), "client")),
          topic,
          "client");
      assertThat(Secured.cluster().principalsSeen("KERBEROS")).containsExactly("User:client");
    }
  }

  @Test
  void iamIsForwarded() throws Exception {
    Secured.cluster().forgetPrincipals();
    try (LogLines log = LogLines.ofConnections();
        SecuredGateway secured =
            SecuredGateway.of(Secured.cluster().bootstrapServers("IAM"))
                .access(Access.PLAINTEXT.with(Secured.brokerTls()))
                .listener("x", Entry.OPEN.with(FORWARDED).with(Secured.listenerTls()))
                .start()) {
      try (RawClient client =
              RawTls.to("localhost", secured.port("x")).trust(Secured.CA).connect();
          var login =
              MskIam.of(
                  new AwsAccount(
                      "eu-west-1",
                      null,
                      new AwsKeys("AKIDALICE", new Secret("secret"), null),
                      null));
          LoginExchange exchange = login.begin("localhost")) {
        for (int times = 0; times < 2; times++) { // re-authentication
          assertThat(RawSasl.handshake(client, "AWS_MSK_IAM")).isZero();
          Struct answer = RawSasl.token(client, exchange.first());
          assertThat(answer.getInt("ErrorCode")).as("%s", answer).isZero();
          assertThat(answer.getLong("SessionLifetimeMs")).isPositive();
          client.sendFrame(Frames.request(Frames.METADATA, 1, 3, new byte[4]));
          assertThat(client.readFrame(Rig.LIMIT)).isNotEmpty();
        }
      }
      log.await(" User:AKIDALICE -> ");
      assertThat(Secured.cluster().principalsSeen("IAM"))
          .containsExactly("User:arn:aws:iam::1:user/alice");
    }
  }

  /** A client without CPU time can miss a session's end; then the test is repeated. */
  @Test
  void clientsReauthenticateThroughTheGateway() throws Exception {
    String topic = Secured.topic("forwarded");
    int ends = 1;
    for (int attempt = 0; attempt < 3 && ends > 0; attempt++) {
      Secured.cluster().forgetPrincipals();
      try (SecuredGateway secured =
          SecuredGateway.of(Secured.cluster().bootstrapServers("SHORT"))
              .listener("x", Entry.OPEN.with(FORWARDED))
              .start()) {
        produceUntilSeen(secured, topic, 5);
        ends =
            secured.figures().ends(CloseReason.BROKER_CLOSED)
                + secured.figures().ends(CloseReason.BROKER_RESET);
      }
      assertThat(Secured.cluster().principalsSeen("SHORT")).containsExactly("User:dora");
    }
    assertThat(ends).as("connections that ended").isZero();
  }

  private static void produceUntilSeen(SecuredGateway secured, String topic, int times) {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Secured.client(
                secured.bootstrap("x"),
                "SASL_PLAINTEXT",
                AuthenticationProperties.plain("dora", "dora-secret")),
            new StringSerializer(),
            new StringSerializer())) {
      Await.within(
          Duration.ofSeconds(30),
          () -> Secured.cluster().principalsSeen().toString(),
          () -> {
            producer.send(new ProducerRecord<>(topic, "v")).get(10, TimeUnit.SECONDS);
            return Secured.cluster().principalsSeen().size() >= times;
          });
    }
  }

  @Test
  void aWrongPasswordIsRefusedByTheBroker() throws Exception {
    Secured.cluster().forgetPrincipals();
    try (SecuredGateway secured =
            SecuredGateway.of(Secured.cluster().bootstrapServers("SASL"))
                .listener("x", Entry.OPEN.with(FORWARDED))
                .start();
        Admin admin =
            Admin.create(
                Secured.client(
                    secured.bootstrap("x"),
                    "SASL_PLAINTEXT",
                    AuthenticationProperties.plain("dora", "wrong")))) {
      assertThatThrownBy(() -> admin.describeCluster().clusterId().get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(SaslAuthenticationException.class);
      assertThat(Secured.cluster().principalsSeen("SASL")).isEmpty();
    }
  }

  @Test
  void aClaimedNameIsNotTrusted() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        SecuredGateway secured =
            SecuredGateway.of(Secured.cluster().bootstrapServers("SASL"))
                .listener("x", Entry.OPEN.with(FORWARDED))
                .start()) {
      try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
        assertThat(RawSasl.handshake(client, "PLAIN")).isZero();
        RawSasl.sendToken(client, RawSasl.plainToken("dora", "wrong"));
        client.sendFrame(Frames.request(Frames.METADATA, 1, 3, new byte[4]));
        assertThat(
                Frames.readResponse(RawSasl.AUTHENTICATE, 1, client.readFrame(Rig.LIMIT))
                    .getInt("ErrorCode"))
            .isEqualTo(58);
        client.expectClosed(Rig.LIMIT);
      }
      log.await("the broker");
      assertThat(log.lines()).noneMatch(line -> line.contains("User:dora"));
    }
  }

  private static final byte[] METADATA = Frames.request(Frames.METADATA, 1, 3, new byte[4]);

  /** Kafka refuses another token after a login and keeps the connection open. */
  @Test
  void aNameClaimedAfterTheLoginIsNotTrusted() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        SecuredGateway secured =
            SecuredGateway.of(Secured.cluster().bootstrapServers("SASL"))
                .listener("x", Entry.OPEN.with(FORWARDED))
                .start()) {
      try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
        assertThat(RawSasl.plain(client, "bob", "bob-secret")).isZero();
        assertThat(RawSasl.handshake(client, "PLAIN")).isNotZero();
        assertThat(RawSasl.token(client, RawSasl.plainToken("dora", "no idea")).getInt("ErrorCode"))
            .isNotZero();
        client.sendFrame(METADATA);
        assertThat(client.readFrame(Rig.LIMIT)).isNotEmpty();
      }
      log.await(" User:bob -> ");
      log.clear();
      try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
        assertThat(RawSasl.plain(client, "bob", "bob-secret")).isZero();
        client.sendFrame(METADATA);
        RawSasl.sendToken(client, RawSasl.plainToken("dora", "no idea"));
        client.sendFrame(METADATA);
        for (int i = 0; i < 3; i++) {
          assertThat(client.readFrame(Rig.LIMIT)).isNotEmpty();
        }
      }
      log.await(" User:bob -> ");
      assertThat(log.lines()).noneMatch(line -> line.contains("User:dora"));
    }
  }

  /** The broker does not answer the last of three tokens. */
  @Test
  void rawKerberosTokensAreForwarded() throws Exception {
    Secured.cluster().forgetPrincipals();
    Map<String, String> properties = new HashMap<>();
    AuthenticationProperties.kerberos(Secured.kdc(), "client")
        .forEach((name, value) -> properties.put(name, String.valueOf(value)));
    try (SecuredGateway secured =
            SecuredGateway.of(Secured.cluster().bootstrapServers("KERBEROS"))
                .listener("x", Entry.OPEN.with(FORWARDED))
                .start();
        Login login = Logins.of(properties);
        LoginExchange exchange = login.begin("localhost");
        RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
      assertThat(RawSasl.handshake(client, 0, "GSSAPI")).isZero();
      client.sendFrame(exchange.first());
      while (!exchange.isComplete()) {
        client.sendFrame(requireNonNull(exchange.next(client.readFrame(Rig.LIMIT))));
      }
      for (int i = 0; i < 3; i++) {
        client.sendFrame(METADATA);
        assertThat(client.readFrame(Rig.LIMIT)).startsWith(0, 0, 0, 3);
      }
      assertThat(Secured.cluster().principalsSeen("KERBEROS")).containsExactly("User:client");
      assertThat(secured.gateway().metrics().inFlight()).isZero();
    }
  }

  @Test
  void rawTokensAreForwarded() throws Exception {
    Secured.cluster().forgetPrincipals();
    try (LogLines log = LogLines.ofConnections();
        SecuredGateway secured =
            SecuredGateway.of(Secured.cluster().bootstrapServers("SASL"))
                .listener("x", Entry.OPEN.with(FORWARDED))
                .start()) {
      try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
        assertThat(RawSasl.handshake(client, 0, "PLAIN")).isZero();
        client.sendFrame(RawSasl.plainToken("dora", "dora-secret"));
        assertThat(client.readFrame(Rig.LIMIT)).isEmpty();
        client.sendFrame(Frames.request(Frames.METADATA, 1, 3, new byte[4]));
        assertThat(client.readFrame(Rig.LIMIT)).isNotEmpty();
      }
      log.await(" User:dora -> ");
    }
  }
}
