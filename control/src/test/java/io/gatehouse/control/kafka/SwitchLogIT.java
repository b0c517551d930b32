package io.gatehouse.control.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The clusters "one" and "two" are the same here, so their topic is too. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SwitchLogIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static KafkaCluster kafka;

  @BeforeAll
  static void start() {
    kafka = KafkaCluster.of(KafkaVersion.V4_4, 1).start();
  }

  @AfterAll
  static void stop() {
    if (kafka != null) {
      kafka.close();
    }
  }

  private static SwitchLog open(String topic, Map<String, Object> more) {
    KafkaAccess access =
        _ -> {
          Map<String, Object> properties =
              new HashMap<>(kafka.clientProperties("PLAINTEXT", AuthenticationProperties.none()));
          properties.putAll(more);
          return properties;
        };
    return new SwitchLog(access, new SwitchLog.Place("one", "two", topic), _ -> {});
  }

  @Test
  void aLaterNodeFindsTheLastSwitch() throws Exception {
    try (SwitchLog log = open("later", Map.of())) {
      assertThat(log.awaitRead(LIMIT)).isTrue();
      assertThat(log.write("two", Map.of(1, 101)).generation()).isEqualTo(1);
      SwitchRecord made = log.current().orElseThrow();
      assertThat(log.write("one", Map.of(1, 101)).generation()).isEqualTo(2);
      // New node ids for the switch before do not undo the later one.
      var _ = log.assign(made, Map.of(1, 102));
      assertThat(log.current()).contains(new SwitchRecord(2, 0, "one", Map.of(1, 101)));
    }
    try (SwitchLog log = open("later", Map.of())) {
      assertThat(log.awaitRead(LIMIT)).isTrue();
      assertThat(log.current()).contains(new SwitchRecord(2, 0, "one", Map.of(1, 101)));
      assertThat(log.write("two", Map.of()).generation()).isEqualTo(3);
    }
  }

  /** Others would ignore the first generation, and this node would follow it alone. */
  @Test
  void nothingIsSwitchedBeforeTheTopicWasRead() throws Exception {
    try (SwitchLog log = open("unread", Map.of())) {
      assertThat(log.awaitRead(LIMIT)).isTrue();
      var _ = log.write("two", Map.of());
    }
    // Only consumers know this property.
    try (SwitchLog log = open("unread", Map.of("isolation.level", "none"))) {
      assertThatThrownBy(() -> log.write("two", Map.of()))
          .isInstanceOf(SwitchLog.NotKeptException.class)
          .hasMessageContaining("one cannot be read: Invalid value none");
      assertThat(log.current()).isEmpty();
    }
  }
}
