package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.tenant.Recorder.Canary;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

/** The recorder finds what a client receives, so that a test that relies on it can fail. */
class RecorderIT {

  @Test
  void aUserOfTheWholeClusterReceivesWhatTenantsMustNot() throws Exception {
    try (Tenancy tenancy = Tenancy.start();
        Admin admin = tenancy.carol().clients().admin()) {
      String topic = Tenancy.BOBS.toBroker(RealCluster.newName("canary"));
      tenancy.brokers().createTopic(topic, 1, 1);
      tenancy.brokers().awaitInSync(topic);
      List<Canary> canaries = tenancy.canaries(tenancy.alice());
      assertThat(admin.describeTopics(List.of(topic)).allTopicNames().get(30, TimeUnit.SECONDS))
          .hasSize(1);

      assertThat(tenancy.carol().recorder().leaks(canaries))
          .extracting(Recorder.Leak::canary)
          .contains(Tenancy.BOBS.prefix(), "the id of " + topic);
      assertThat(tenancy.carol().recorder().leaks(canaries))
          .anySatisfy(leak -> {
            assertThat(leak.response()).startsWith("DescribeTopicPartitions v0");
            assertThat(leak.around()).contains(topic);
          });
      assertThat(tenancy.alice().recorder().leaks(canaries)).isEmpty();
    }
  }
}
