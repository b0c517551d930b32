package io.gatehouse.control.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Events while there is no cluster to write them to. */
class EventTopicTest {

  private static final EventTopic.Settings SETTINGS =
      new EventTopic.Settings("main", "events", 1, -1, Duration.ofDays(1), Map.of());

  private static EventTopic.Event event(int size) {
    return new EventTopic.Event(size, _ -> new byte[0]);
  }

  private final AtomicInteger attempts = new AtomicInteger();

  /** An access that fails before anything is connected. */
  private EventTopic open() {
    return new EventTopic(
        _ -> {
          attempts.incrementAndGet();
          throw new IllegalArgumentException("no cluster");
        },
        SETTINGS);
  }

  @Test
  void moreEventsThanMayWaitAreDroppedAndCounted() {
    int many = 10_000;
    EventTopic topic = open();
    for (int i = 0; i < many; i++) {
      topic.write(event(1));
    }
    assertThat(topic.dropped()).containsEntry("queue", many - 8192L).containsEntry("write", 0L);
    topic.close();
    topic.write(event(1));
    assertThat(topic.dropped()).containsEntry("end", 8192L + 1);
    assertThat(topic.written()).isZero();
  }

  @Test
  void moreBytesThanMayWaitAreDroppedAndCounted() {
    EventTopic topic = open();
    for (int i = 0; i < 10; i++) {
      topic.write(event(1 << 20));
    }
    topic.write(event(0));
    assertThat(topic.dropped()).containsEntry("queue", 2L);
    topic.close();
    assertThat(topic.dropped()).containsEntry("end", 9L);
  }

  @Test
  void theClusterIsTriedAgain() {
    EventTopic topic = open();
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> attempts.get() > 1);
    topic.close();
  }
}
