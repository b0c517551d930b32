package io.gatehouse.gateway.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.cluster.OwnedTopics.Most;
import io.gatehouse.gateway.cluster.OwnedTopics.Room;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OwnedTopicsTest {

  private static final String PREFIX = "team-";
  private static final Most MOST = new Most(3, 10);
  private static final Room NOW = new Room.Granted(true);
  private static final Room ALREADY = new Room.Granted(false);
  private static final Room UNKNOWN = new Room.Unknown();

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1000);
  private final OwnedTopics owned = new OwnedTopics(clock::get);
  private final Map<String, Integer> there = new HashMap<>(Map.of("team-a", 4));

  @BeforeEach
  void askTheCluster() {
    owned.setLookup(_ -> ImmediateEventExecutor.INSTANCE.newSucceededFuture(Map.copyOf(there)));
    assertThat(owned.ask(PREFIX).isSuccess()).isTrue();
  }

  private void pass(long millis) {
    clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private Room grant(String topic, int partitions) {
    return owned.grant(PREFIX, MOST, topic, partitions, false);
  }

  private Room grow(String topic, int partitions) {
    return owned.grant(PREFIX, MOST, topic, partitions, true);
  }

  @Test
  void whatWasGrantedCountsUntilTheClusterTellsOfIt() {
    assertThat(grant("team-b", 1)).isEqualTo(NOW);
    assertThat(grant("team-c", 1)).isEqualTo(NOW);
    assertThat(grant("team-d", 1)).isEqualTo(new Room.Exceeded(true, 3));
    there.put("team-b", 1);
    owned.ask(PREFIX);
    assertThat(grant("team-d", 1)).isEqualTo(new Room.Exceeded(true, 3));
    owned.answered(PREFIX, "team-c", 42);
    assertThat(grant("team-d", 1)).isEqualTo(NOW);
  }

  @Test
  void aTopicIsGrantedOnce() {
    assertThat(grant("team-b", 6)).isEqualTo(NOW);
    assertThat(grant("team-b", 6)).isEqualTo(ALREADY);
    assertThat(grant("team-a", 4)).as("brokers refuse it").isEqualTo(ALREADY);
    assertThat(grant("team-a", 100))
        .as("it may have been deleted")
        .isEqualTo(new Room.Exceeded(false, 10));
    assertThat(grow("team-b", 7)).isEqualTo(new Room.Exceeded(false, 10));
    owned.release(PREFIX, "team-b");
    owned.release(PREFIX, "team-b");
    assertThat(grow("team-b", 7)).as("brokers refuse it").isEqualTo(ALREADY);
    assertThat(grow("team-a", 10)).isEqualTo(NOW);
    assertThat(grow("team-a", 11)).isEqualTo(new Room.Exceeded(false, 10));
    owned.answered(PREFIX, "team-a", 37);
    assertThat(grant("team-b", 6)).isEqualTo(NOW);
  }

  @Test
  void aDefaultNumberOfPartitionsCountsAsOne() {
    assertThat(grant("team-b", -1)).isEqualTo(NOW);
    assertThat(grant("team-c", -1)).isEqualTo(NOW);
    assertThat(grant("team-d", -1)).isEqualTo(new Room.Exceeded(true, 3));
  }

  @Test
  void whatExistsTakesNoMoreRoomAndWhatMayExistDoes() {
    assertThat(grant("team-a", 10)).isEqualTo(NOW);
    owned.answered(PREFIX, "team-a", 36);
    assertThat(grant("team-b", 6)).isEqualTo(NOW);
    owned.answered(PREFIX, "team-b", 36);
    owned.answered(PREFIX, "team-b", 7);
    assertThat(grant("team-c", 1)).isEqualTo(new Room.Exceeded(false, 10));
  }

  @Test
  void theClusterIsAskedAgainBeforeARefusalAndSoonInAnyCase() {
    pass(300);
    assertThat(grant("team-b", 7)).isEqualTo(UNKNOWN);
    assertThat(grant("team-b", 6)).isEqualTo(NOW);
    pass(800);
    assertThat(grant("team-b", 6)).isEqualTo(UNKNOWN);
    assertThat(owned.grant("other-", MOST, "other-a", 1, false)).isEqualTo(UNKNOWN);
  }

  @Test
  void whatWasCreatedAndDeletedMakesRoomSoonAndWhatNobodyTellsOfLater() {
    assertThat(grant("team-b", 6)).isEqualTo(NOW);
    owned.answered(PREFIX, "team-b", 0);
    pass(1_900);
    owned.ask(PREFIX);
    assertThat(grant("team-c", 1)).isEqualTo(new Room.Exceeded(false, 10));
    pass(200);
    owned.ask(PREFIX);
    assertThat(grant("team-c", 6)).isEqualTo(NOW);
    pass(29_900);
    owned.ask(PREFIX);
    assertThat(grant("team-d", 1)).isEqualTo(new Room.Exceeded(false, 10));
    pass(200);
    owned.ask(PREFIX);
    assertThat(grant("team-d", 1)).isEqualTo(NOW);
  }

  @Test
  void nothingIsGrantedWhereTheClusterDoesNotAnswer() {
    owned.setLookup(
        _ -> ImmediateEventExecutor.INSTANCE.newFailedFuture(new IOException("no connection")));
    owned.ask(PREFIX);
    assertThat(grant("team-b", 1)).isEqualTo(new Room.Unanswered());
  }
}
