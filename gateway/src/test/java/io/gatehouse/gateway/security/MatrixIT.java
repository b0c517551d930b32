package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.ClusterSpec;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.kerberos.Kdc;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Authority;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every way in with every way out: the record arrives, and the broker sees the right account. */
class MatrixIT {

  private static final String TOPIC = "matrix";

  @TempDir static Path folder;

  private static final Authority CA = Authority.create("Matrix CA");
  private static TokenServer idp;
  private static Kdc kdc;
  private static Map<String, Entry> listeners;
  private static Map<String, Map<String, Object>> clients;

  @BeforeAll
  static void start() throws Exception {
    idp = TokenServer.start().client("gateway-oauth", "secret");
    kdc = Kdc.start(folder).useInThisJvm();
    WaysIn in = new WaysIn(CA, idp, kdc, folder);
    listeners = in.listeners();
    clients = in.clients();
  }

  private static KafkaCluster cluster(KafkaVersion version, WaysOut out) {
    ClusterSpec spec = KafkaCluster.of(version, 1);
    for (Listener listener : out.listeners()) {
      spec = spec.with(listener);
    }
    KafkaCluster cluster = spec.start();
    cluster.createTopic(TOPIC, 1, 1);
    return cluster;
  }

  @AfterAll
  static void stop() {
    if (kdc != null) {
      kdc.close();
    }
    if (idp != null) {
      idp.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> everyWayInWithEveryWayOut() throws Exception {
    WaysOut out = new WaysOut(CA, idp, kdc, folder);
    KafkaCluster cluster = cluster(KafkaVersion.V4_4, out);
    return out.all().entrySet().stream()
        .map(way ->
            DynamicTest.dynamicTest(
                "to " + way.getKey(), () -> through(cluster, way.getValue(), clients.keySet())))
        .onClose(cluster::close);
  }

  /** Older brokers once by each mechanism. Kafka's own check of tokens came with 3.1. */
  @ParameterizedTest
  @EnumSource(names = {"V2_8", "V3_9"})
  void olderBrokersByEachMechanism(KafkaVersion version) throws Exception {
    WaysOut out = new WaysOut(CA, version == KafkaVersion.V2_8 ? null : idp, kdc, folder);
    try (KafkaCluster cluster = cluster(version, out)) {
      for (var way : out.all().entrySet()) {
        String client = clients.containsKey(way.getKey()) ? way.getKey() : "SSL with certificate";
        through(cluster, way.getValue(), Set.of(client));
      }
    }
  }

  private static void through(KafkaCluster cluster, WaysOut.Out way, Set<String> names)
      throws Exception {
    Front.Order order = Front.of(cluster.bootstrapServers(way.listener())).access(way.access());
    listeners.forEach(order::listener);
    try (Front front = order.start()) {
      for (String name : names) {
        Map<String, Object> client = Objects.requireNonNull(clients.get(name));
        cluster.forgetPrincipals();
        String protocol = (String) client.getOrDefault("security.protocol", "PLAINTEXT");
        produce(front.bootstrap(protocol), client, name);
        if (!way.listener().equals("PLAINTEXT")) { // of that one nothing is recorded
          assertThat(cluster.principalsSeen(way.listener()))
              .as("from %s", name)
              .containsExactly(way.principal());
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
