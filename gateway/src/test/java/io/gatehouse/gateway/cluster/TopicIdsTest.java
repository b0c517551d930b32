package io.gatehouse.gateway.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is known of topic ids, and when the cluster is asked. */
class TopicIdsTest {

  private static final UUID KNOWN = id(-1);

  private long now = 1;
  private final TopicIds ids = new TopicIds(() -> now);
  private final List<Set<UUID>> asked = new ArrayList<>();
  private final List<Promise<Map<UUID, String>>> answers = new ArrayList<>();

  private static UUID id(int number) {
    return new UUID(0x4000, number);
  }

  private static List<UUID> ids(int from, int to) {
    List<UUID> all = new ArrayList<>();
    for (int i = from; i < to; i++) {
      all.add(id(i));
    }
    return all;
  }

  private Future<Map<UUID, String>> lookUp(Collection<UUID> wanted) {
    asked.add(Set.copyOf(wanted));
    Promise<Map<UUID, String>> answer = ImmediateEventExecutor.INSTANCE.newPromise();
    answers.add(answer);
    return answer;
  }

  private void passes(Duration time) {
    now += time.toNanos();
  }

  @Test
  void anIdKeepsItsFirstName() {
    ids.learn(KNOWN, "a");
    ids.learn(KNOWN, "b");
    assertThat(ids.name(KNOWN)).isEqualTo("a");
    assertThat(ids.name(id(0))).isNull();
  }

  @Test
  void withoutALookupNothingIsAskedFor() {
    assertThat(ids.isUnresolved(id(0))).isFalse();
    assertThat(ids.resolve(List.of(id(0))).isSuccess()).isTrue();

    ids.setLookup(this::lookUp);
    Future<Void> later = ids.resolve(List.of(id(1)));
    assertThat(asked).as("asked once it is possible").containsExactly(Set.of(id(1)));
    answers.getFirst().setSuccess(Map.of(id(1), "a"));
    assertThat(later.isSuccess()).isTrue();
  }

  @Test
  void idsThatAreUsedStayWhenOthersAreForgotten() {
    ids.learn(KNOWN, "used");
    ids.learn(id(0), "unused");
    for (int generation = 0; generation < 3; generation++) {
      int first = 1 + generation * TopicIds.MAX_LEARNED;
      for (int i = 0; i < TopicIds.MAX_LEARNED; i++) {
        ids.learn(id(first + i), "other");
      }
      assertThat(ids.name(KNOWN)).isEqualTo("used");
    }
    assertThat(ids.name(id(0))).isNull();
    assertThat(ids.name(id(1))).isNull();
  }

  @Test
  void idsThatComeDuringAQuestionAreAskedForTogether() {
    ids.setLookup(this::lookUp);
    Future<Void> first = ids.resolve(List.of(id(0)));
    Future<Void> second = ids.resolve(List.of(id(1), id(2)));
    Future<Void> third = ids.resolve(List.of(id(2), id(3)));
    assertThat(asked).containsExactly(Set.of(id(0)));

    answers.get(0).setSuccess(Map.of(id(0), "a"));
    assertThat(first.isSuccess()).isTrue();
    assertThat(second.isDone()).isFalse();
    assertThat(asked).containsExactly(Set.of(id(0)), Set.of(id(1), id(2), id(3)));

    answers.get(1).setSuccess(Map.of(id(1), "b"));
    assertThat(second.isSuccess()).isTrue();
    assertThat(third.isSuccess()).isTrue();
    assertThat(asked).hasSize(2);
    assertThat(ids.name(id(0))).isEqualTo("a");
    assertThat(ids.name(id(1))).isEqualTo("b");
    assertThat(ids(0, 4)).noneMatch(ids::isUnresolved);
  }

  @Test
  void idsThatDoNotExistAreAskedForAgainAfterSeconds() {
    ids.setLookup(this::lookUp);
    var _ = ids.resolve(List.of(id(0)));
    answers.getFirst().setSuccess(Map.of());
    passes(Duration.ofSeconds(4));
    assertThat(ids.isUnresolved(id(0))).isFalse();
    passes(Duration.ofSeconds(2));
    assertThat(ids.isUnresolved(id(0))).isTrue();
  }

  @Test
  void failedQuestionsAreRepeatedAfterAMoment() {
    ids.setLookup(this::lookUp);
    Future<Void> done = ids.resolve(List.of(id(0)));
    answers.getFirst().setFailure(new IOException("no broker answers"));
    assertThat(done.isSuccess()).isTrue();
    assertThat(ids.isUnresolved(id(0))).as("at once").isFalse();
    passes(Duration.ofMillis(300));
    assertThat(ids.isUnresolved(id(0))).as("after a moment").isTrue();
  }

  @Test
  void idsThatWereNotAskedForStayUnresolved() {
    ids.setLookup(this::lookUp);
    var _ = ids.resolve(List.of(KNOWN));
    int most = 10_000;
    Future<Void> done = ids.resolve(ids(0, most + 1));
    answers.get(0).setSuccess(Map.of());
    answers.get(1).setSuccess(Map.of());

    assertThat(done.isSuccess()).isTrue();
    assertThat(asked.get(1)).hasSize(most);
    assertThat(ids(0, most)).noneMatch(ids::isUnresolved);
    assertThat(ids.isUnresolved(id(most))).isTrue();
  }
}
