package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.GroupReader;
import io.gatehouse.gateway.fixture.Ledger;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.fixture.RestartableGateway;
import io.gatehouse.testkit.KafkaBroker;
import io.gatehouse.testkit.KafkaCluster;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Brokers and gateways are stopped and restarted while an idempotent producer and a committing
 * consumer run: no acknowledged record is lost or duplicated.
 */
@Timeout(180)
class FailoverIT {

  /**
   * Rebalance timeout in ms: if a JoinGroup response is lost, the group waits this long for a
   * member that does not exist.
   */
  private static final int SESSION_TIMEOUT = 6_000;

  private final KafkaCluster cluster = RealCluster.get();
  private final String topic = RealCluster.newName("failover");

  private RestartableGateway proxy;
  private Ledger ledger;

  @BeforeEach
  void start() throws Exception {
    cluster.createTopic(topic, 3, 3);
    proxy = RestartableGateway.toSharedCluster();
    ledger = Ledger.open(topic, proxy.producer(Map.of("acks", "all", "enable.idempotence", true)));
    ledger.awaitMore(200);
  }

  @AfterEach
  void stop() {
    proxy.close();
  }

  private GroupReader reader(String protocol) {
    String group = RealCluster.newName("reader");
    return GroupReader.start(
        proxy.consumer(
            protocol.equals("classic")
                ? Map.of(
                    "group.id",
                    group,
                    "group.protocol",
                    protocol,
                    "session.timeout.ms",
                    SESSION_TIMEOUT)
                : Map.of("group.id", group, "group.protocol", protocol)),
        topic);
  }

  private void compare(GroupReader reader) {
    ledger.closeAndCompare(proxy.consumer(Map.of()));
    reader.awaitAll(ledger.values());
    reader.close();
  }

  @Test
  void aLeaderIsKilledAndRestarted() {
    GroupReader reader = reader("consumer");
    KafkaBroker leader = cluster.leader(topic, 0);

    leader.kill();
    ledger.awaitMore(500);
    leader.start();
    cluster.awaitReady();
    cluster.awaitInSync(topic);
    ledger.awaitMore(300);

    compare(reader);
    assertThat(proxy.gateway().health().isReady()).isTrue();
  }

  @Test
  void allBrokersAreRestartedOneAfterTheOther() {
    GroupReader reader = reader("classic");
    for (KafkaBroker broker : cluster.brokers()) {
      broker.stop();
      ledger.awaitMore(300);
      broker.start();
      cluster.awaitReady();
      cluster.awaitInSync(topic);
    }
    ledger.awaitMore(300);

    compare(reader);
  }

  @Test
  void theGatewayIsKilledAndReplaced() throws Exception {
    GroupReader reader = reader("classic");
    for (int i = 0; i < 4; i++) {
      proxy.crashAndReplace();
      ledger.awaitMore(500);
    }
    compare(reader);
  }

  @Test
  void theGatewayIsDrainedAndReplaced() throws Exception {
    GroupReader reader = reader("consumer");
    for (int i = 0; i < 2; i++) {
      proxy.drainAndReplace();
      ledger.awaitMore(500);
    }
    compare(reader);
  }
}
