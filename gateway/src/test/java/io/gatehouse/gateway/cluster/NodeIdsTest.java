package io.gatehouse.gateway.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Clients know the brokers of a failover cluster by the ids of the primary cluster's brokers. */
class NodeIdsTest {

  private final NodeIds primary = NodeIds.primary();
  private final NodeIds failover = primary.forFailover(5);

  private List<Integer> told(int... brokerIds) {
    return IntStream.of(brokerIds).map(failover::toClient).boxed().toList();
  }

  @Test
  void anEqualNumberOfBrokersTakesThePlaces() {
    primary.learn(Set.of(1, 2, 3));
    failover.use(Set.of(101, 102, 103));
    assertThat(told(101, 102, 103)).containsExactly(1, 2, 3);
    assertThat(failover.toBroker(2)).isEqualTo(102);
    assertThat(primary.toClient(2)).isEqualTo(2);
    assertThat(primary.told()).containsExactly(1, 2, 3);
  }

  @Test
  void equalIdsStay() {
    primary.learn(Set.of(1, 2, 3));
    failover.use(Set.of(0, 2, 3));
    assertThat(told(0, 2, 3)).containsExactly(1, 2, 3);
  }

  @Test
  void fewerBrokersLeaveIdsWithoutABroker() {
    primary.learn(Set.of(1, 2, 3));
    failover.use(Set.of(7));
    assertThat(told(7)).containsExactly(1);
    assertThat(failover.toBroker(3)).isEqualTo(-1);
    assertThat(failover.told()).containsExactly(1, 2, 3);
  }

  @Test
  void moreBrokersGetTheNextIdsWhichClientsMayKeep() {
    primary.learn(Set.of(1, 2));
    failover.use(Set.of(101, 102, 103, 104));
    assertThat(told(101, 102, 103, 104)).containsExactly(1, 2, 3, 4);
    assertThat(primary.told()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void aBrokerThatIsFoundLaterDoesNotMoveOthers() {
    primary.learn(Set.of(1, 2, 3));
    failover.use(Set.of());
    assertThat(told(102)).containsExactly(-1);
    failover.learn(Set.of(102));
    failover.learn(Set.of(101, 102));
    assertThat(told(101, 102)).containsExactly(2, 1);
  }

  @Test
  void withoutThePrimaryClusterIdsBeginAtTheLowest() {
    failover.use(Set.of(102, 101));
    assertThat(told(101, 102)).containsExactly(5, 6);
  }

  @Test
  void nothingIsAssignedBeforeClientsUseTheCluster() {
    failover.learn(Set.of(101));
    primary.learn(Set.of(1));
    failover.use(Set.of(101));
    assertThat(told(101)).containsExactly(1);
  }

  /** Otherwise clients would be sent to and fro between nodes that disagree. */
  @Test
  void theIdsThatNodesAgreedOnReplaceOwnOnes() {
    NodeIds otherPrimary = NodeIds.primary();
    NodeIds other = otherPrimary.forFailover(5);
    for (NodeIds each : List.of(primary, otherPrimary)) {
      each.learn(Set.of(1, 2, 3));
    }
    for (NodeIds each : List.of(failover, other)) {
      each.use(Set.of(11, 12));
    }
    failover.learn(Set.of(14));
    failover.learn(Set.of(13));
    other.learn(Set.of(13, 14));
    assertThat(other.assigned()).isNotEqualTo(failover.assigned());

    other.restore(failover.assigned());
    assertThat(other.assigned()).isEqualTo(failover.assigned());
    assertThat(other.toClient(14)).isEqualTo(3);
    assertThat(other.toBroker(3)).isEqualTo(14);
  }
}
