package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.ClientLogin;
import io.gatehouse.testkit.ClusterSpec;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.kerberos.Kdc;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.testkit.pki.Authority;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
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
  private static Kdc kdc;
  private static KafkaCluster cluster;
  private static WaysIn in;
  private static WaysOut out;

  @BeforeAll
  static void start() throws Exception {
    idp = TokenServer.start().client("gateway-oauth", "secret");
    kdc = Kdc.start(folder).useInThisJvm();
    in = new WaysIn(CA, idp, kdc, folder);
    out = new WaysOut(CA, idp, kdc, folder);
    ClusterSpec spec = KafkaCluster.of(KafkaVersion.V4_4, 1);
    for (Listener listener : out.listeners()) {
      spec = spec.with(listener);
    }
    cluster = spec.start();
    try (Admin admin = Admin.create(cluster.clientProperties("TLS", ClientLogin.none()))) {
      admin
          .createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    if (kdc != null) {
      kdc.close();
    }
    if (idp != null) {
      idp.close();
    }
  }

  @TestFactory
  List<DynamicTest> everyWayInWithEveryWayOut() throws Exception {
    Map<String, Entry> listeners = in.listeners();
    Map<String, Map<String, Object>> clients = in.clients();
    List<DynamicTest> tests = new ArrayList<>();
    out.all()
        .forEach((name, way) ->
            tests.add(DynamicTest.dynamicTest("to " + name, () -> all(way, listeners, clients))));
    return tests;
  }

  private static void all(
      WaysOut.Out way, Map<String, Entry> listeners, Map<String, Map<String, Object>> clients)
      throws Exception {
    Front.Order order = Front.of(cluster.bootstrapServers(way.listener())).access(way.access());
    listeners.forEach(order::listener);
    try (Front front = order.start()) {
      for (var client : clients.entrySet()) {
        cluster.forgetPrincipals();
        String protocol = (String) client.getValue().getOrDefault("security.protocol", "PLAINTEXT");
        produce(front.bootstrap(protocol), client.getValue(), client.getKey());
        if (!way.listener().equals("PLAINTEXT")) { // of that one nothing is recorded
          assertThat(cluster.principalsSeen(way.listener()))
              .as("from %s", client.getKey())
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
