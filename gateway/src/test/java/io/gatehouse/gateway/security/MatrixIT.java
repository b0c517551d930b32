package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.GatewayStartException;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every client authentication with every broker authentication: records arrive, and brokers see the
 * right principal.
 */
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
    ClientAuthentications in = new ClientAuthentications(CA, idp, kdc, folder);
    listeners = in.listeners();
    clients = in.clients();
  }

  private static KafkaCluster cluster(KafkaVersion version, BrokerAuthentications out) {
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
  Stream<DynamicContainer> everyWayInWithEveryWayOut() throws Exception {
    BrokerAuthentications out = new BrokerAuthentications(CA, idp, kdc, folder);
    KafkaCluster cluster = cluster(KafkaVersion.V4_4, out);
    return out.all().entrySet().stream()
        .map(way -> cells(cluster, way, clients.keySet()))
        .onClose(cluster::close);
  }

  /** Kafka can verify OAuth tokens itself since 3.1. */
  @TestFactory
  Stream<DynamicContainer> kafka28ByEachMechanism() throws Exception {
    return eachMechanism(KafkaVersion.V2_8, new BrokerAuthentications(CA, null, kdc, folder));
  }

  @TestFactory
  Stream<DynamicContainer> kafka39ByEachMechanism() throws Exception {
    return eachMechanism(KafkaVersion.V3_9, new BrokerAuthentications(CA, idp, kdc, folder));
  }

  private static Stream<DynamicContainer> eachMechanism(
      KafkaVersion version, BrokerAuthentications out) throws Exception {
    KafkaCluster cluster = cluster(version, out);
    return out.all().entrySet().stream()
        .map(way -> {
          String name = way.getKey();
          String client = clients.containsKey(name) ? name : "SSL with certificate";
          return cells(cluster, way, Set.of(client));
        })
        .onClose(cluster::close);
  }

  /** A test for each client authentication, through one gateway with this broker authentication. */
  private static DynamicContainer cells(
      KafkaCluster cluster, Map.Entry<String, BrokerAuthentications.Out> way, Set<String> waysIn) {
    SharedFront secured = new SharedFront(cluster, way.getValue());
    Stream<DynamicTest> cells =
        waysIn.stream()
            .map(name -> {
              String cell = "from " + name + " to " + way.getKey();
              return DynamicTest.dynamicTest(cell, () -> through(secured, name, cell));
            });
    return DynamicContainer.dynamicContainer("to " + way.getKey(), cells.onClose(secured::close));
  }

  /**
   * The gateway of several tests, started by the first, so that a failed start fails only these.
   */
  private static final class SharedFront implements AutoCloseable {
    private final KafkaCluster cluster;
    private final BrokerAuthentications.Out way;
    private @Nullable SecuredGateway secured;

    private SharedFront(KafkaCluster cluster, BrokerAuthentications.Out way) {
      this.cluster = cluster;
      this.way = way;
    }

    private SecuredGateway get() throws GatewayStartException {
      SecuredGateway started = secured;
      if (started == null) {
        SecuredGateway.Builder builder =
            SecuredGateway.of(cluster.bootstrapServers(way.listener())).access(way.access());
        listeners.forEach(builder::listener);
        started = builder.start();
        secured = started;
      }
      return started;
    }

    @Override
    public void close() {
      if (secured != null) {
        secured.close();
      }
    }
  }

  private static void through(SharedFront secured, String name, String cell) throws Exception {
    KafkaCluster cluster = secured.cluster;
    BrokerAuthentications.Out way = secured.way;
    Map<String, Object> client = Objects.requireNonNull(clients.get(name));
    cluster.forgetPrincipals();
    String protocol = (String) client.getOrDefault("security.protocol", "PLAINTEXT");
    try {
      produce(secured.get().bootstrap(protocol), client, name);
    } catch (ExecutionException | GatewayStartException | KafkaException | TimeoutException e) {
      // Reports of dynamic tests have a number instead of a name.
      throw new AssertionError(cell + ": " + e.getMessage(), e);
    }
    if (!way.listener().equals("PLAINTEXT")) { // its principal is not recorded
      assertThat(cluster.principalsSeen(way.listener())).as(cell).containsExactly(way.principal());
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
