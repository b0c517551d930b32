package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.Figures;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.fixture.RestartableGateway;
import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.gateway.settings.GatewaySettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.ApiException;
import org.junit.jupiter.api.Test;

/** Kafka's Java clients are not disconnected when rules change. */
class ReloadIT {

  private static GatewaySettings forbidding(GatewaySettings from, Set<Integer> apis) {
    GatewaySettings.Traffic traffic = from.traffic();
    return from.with(
        new GatewaySettings.Traffic(
            traffic.limits(),
            traffic.timeouts(),
            traffic.sockets(),
            new ApiRules(apis, false, traffic.rules().unknown()),
            traffic.logins()));
  }

  private static double accepted(RestartableGateway proxy) {
    return Figures.of(proxy.gateway()).value("gatehouse_client_connections_accepted");
  }

  private static void delete(Admin admin, String topic) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS);
  }

  @Test
  void rulesChangeUnderProducersAndConsumers() throws Exception {
    try (RestartableGateway proxy = RestartableGateway.toSharedCluster();
        Admin admin = proxy.admin()) {
      String topic = RealCluster.newName("reloaded");
      admin
          .createTopics(List.of(new NewTopic(topic, 1, (short) 3)))
          .all()
          .get(30, TimeUnit.SECONDS);
      RealCluster.get().awaitInSync(topic);
      GatewaySettings open = proxy.gateway().settings();
      List<String> read = new ArrayList<>();
      List<String> sent = new ArrayList<>();
      try (KafkaProducer<String, String> producer = proxy.producer(Map.of());
          KafkaConsumer<String, String> consumer =
              proxy.consumer(Map.of("group.id", topic, "auto.offset.reset", "earliest"))) {
        consumer.subscribe(List.of(topic));
        sent.add("first");
        producer.send(new ProducerRecord<>(topic, "first")).get(30, TimeUnit.SECONDS);
        while (read.isEmpty()) { // all clients have opened their connections
          consumer.poll(Duration.ofSeconds(1)).forEach(record -> read.add(record.value()));
        }
        double accepted = accepted(proxy);
        for (int i = 0; i < 30; i++) {
          proxy.gateway().apply(i % 2 == 0 ? forbidding(open, Set.of(Frames.DELETE_TOPICS)) : open);
          String value = Integer.toString(i);
          sent.add(value);
          producer.send(new ProducerRecord<>(topic, value)).get(30, TimeUnit.SECONDS);
          consumer.poll(Duration.ofMillis(10)).forEach(record -> read.add(record.value()));
        }
        while (read.size() < sent.size()) {
          consumer.poll(Duration.ofSeconds(1)).forEach(record -> read.add(record.value()));
        }
        assertThat(read).isEqualTo(sent);
        assertThat(accepted(proxy)).isEqualTo(accepted);

        proxy.gateway().apply(forbidding(open, Set.of(Frames.DELETE_TOPICS)));
        // By an error on an older connection, or by ApiVersions on a newer one.
        assertThatThrownBy(() -> delete(admin, topic)).hasCauseInstanceOf(ApiException.class);
        proxy.gateway().apply(open);
        try (Admin another = proxy.admin()) {
          delete(another, topic);
        }
      }
    }
  }
}
