package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.GroupReader;
import io.gatehouse.gateway.fixture.Ledger;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.fixture.RestartableGateway;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The current Java client works with older brokers through the gateway. */
@Timeout(180)
class OldKafkaIT {

  @ParameterizedTest
  @EnumSource(names = {"V3_9", "V2_8"})
  void clientsProduceConsumeAndAdminister(KafkaVersion version) throws Exception {
    String topic = RealCluster.newName("old");
    try (KafkaCluster cluster = KafkaCluster.of(version, 1).start();
        RestartableGateway proxy = RestartableGateway.to(cluster, 0);
        Admin admin = proxy.admin()) {
      admin
          .createTopics(List.of(new NewTopic(topic, 3, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
      GroupReader reader = GroupReader.start(proxy.consumer(Map.of("group.id", "reader")), topic);
      Ledger ledger = Ledger.open(topic, proxy.producer(Map.of("enable.idempotence", true)));
      ledger.awaitMore(2000);
      proxy.crashAndReplace();
      ledger.awaitMore(500);
      ledger.closeAndCompare(proxy.consumer(Map.of()));
      reader.awaitAll(ledger.values());
      reader.close();

      assertThat(proxy.foreignNodes(admin.describeCluster().nodes().get(30, TimeUnit.SECONDS)))
          .isEmpty();
      ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "0");
      var config = admin.describeConfigs(List.of(broker)).all().get(30, TimeUnit.SECONDS);
      assertThat(config.values())
          .singleElement()
          .satisfies(each ->
              assertThat(each.entries())
                  .isNotEmpty()
                  .noneSatisfy(entry -> assertThat(entry.toString()).contains("127.0.0.1")));
    }
  }
}
