package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.app.config.BoundYaml;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.pki.Authority;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The gateway's own Kafka clients, where brokers want TLS and a login. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class InternalGatewayIT {

  private static final Authority CA = Authority.create("Internal CA");

  @TempDir static Path folder;

  private static KafkaCluster cluster;
  private static String trust;

  @BeforeAll
  static void start() throws Exception {
    cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 1)
            .with(
                Listener.saslSsl("SECURE", CA.server())
                    .plain("gateway", "broker-secret")
                    .plain("other", "other-secret"))
            .start();
    trust = CA.server().writePem(folder).authority().toString();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  /** Clients of the gateway itself may send hardly anything here. */
  private static GatewaySettings settings(String name, String password) {
    return BoundYaml.settings(
            """
            upstream:
              bootstrapServers: %s
              tls: {trust: %s}
              login: {mechanism: PLAIN, user: %s, password: %s}
            listeners:
              - {host: 127.0.0.1, ports: {brokers: 19092}}
            rules: {forbiddenApis: [Metadata, Produce, CreateTopics]}
            limits: {connections: 1}
            """
                .formatted(cluster.bootstrapServers("SECURE"), trust, name, password))
        .gateway();
  }

  private static void createTopic(Map<String, Object> properties, String name) throws Exception {
    try (Admin admin = Admin.create(properties)) {
      admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get(1, TimeUnit.MINUTES);
    }
  }

  @Test
  void ownClientsUseTheGatewaysAccountAndFollowAReload() throws Exception {
    try (InternalGateway internal =
        new InternalGateway(settings("gateway", "broker-secret"), Duration.ZERO)) {
      Map<String, Object> properties = internal.properties("main");
      createTopic(properties, "own");
      try (KafkaProducer<String, String> producer =
          new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
        producer.send(new ProducerRecord<>("own", "one")).get(1, TimeUnit.MINUTES);
        assertThat(cluster.principalsSeen("SECURE")).containsOnly("User:gateway");

        internal.apply(settings("other", "other-secret"));
        assertThat(internal.properties("main")).isEqualTo(properties);
        producer.send(new ProducerRecord<>("own", "two")).get(1, TimeUnit.MINUTES);
      }
      createTopic(internal.properties("main"), "others");
      assertThat(cluster.principalsSeen("SECURE")).containsOnly("User:gateway", "User:other");
    }
  }

  @Test
  void otherProgramsOnThisMachineAreRefused() throws Exception {
    try (InternalGateway internal =
        new InternalGateway(settings("gateway", "broker-secret"), Duration.ZERO)) {
      Map<String, Object> properties = internal.properties("main");
      properties.compute("sasl.jaas.config", (_, login) -> login.toString().replace("=\"", "=\"1"));
      for (int i = 0; i < 25; i++) {
        assertThatThrownBy(() -> createTopic(properties, "foreign"))
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(SaslAuthenticationException.class);
      }
      // However often they try, this process is not locked out.
      createTopic(internal.properties("main"), "still-own");
    }
  }

  @Test
  void anUnknownClusterIsRefusedByName() {
    try (InternalGateway internal =
        new InternalGateway(settings("gateway", "broker-secret"), Duration.ZERO)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> internal.properties("mian"))
          .withMessage("there is no cluster 'mian'; there is main");
    }
  }
}
