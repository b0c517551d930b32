package io.gatehouse.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.kind.AccessRules;
import io.gatehouse.control.kind.Acl;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.VirtualCluster;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.Stores;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientAclsTest {

  /** Takes changes of as many bytes as the store in Kafka does. */
  private final Store store = Stores.ofRecords(_ -> {});

  private final Administration administration = new Administration(store, new AnyLogins());
  private final ClientAcls team = new ClientAcls(() -> administration, "team");
  private final ClientAcls passthrough = new ClientAcls(() -> administration, Key.PASSTHROUGH);

  @BeforeEach
  void create() throws Exception {
    administration.put(cluster("team"), false);
  }

  private static VirtualCluster cluster(String name) {
    return new VirtualCluster(
        name,
        VirtualCluster.Type.STANDARD,
        name + "-",
        new VirtualCluster.Access(
            true, VirtualCluster.AclMode.KAFKA_API, List.of("root"), List.of()));
  }

  private static Acl read(String topic) {
    return new Acl(
        new Acl.Resources(Acl.Type.TOPIC, topic, Acl.Match.LITERAL),
        "User:alice",
        "*",
        Acl.Operation.READ,
        Acl.Permission.ALLOW);
  }

  private static List<Acl> topics(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> read("topic-" + i)).toList();
  }

  private static List<Acl> rules(ClientAcls acls, Store store) {
    return ClientAcls.of(acls.virtualCluster(), store.current())
        .flatMap(part -> part.rules().stream())
        .toList();
  }

  private List<Acl> rules(ClientAcls acls) {
    return rules(acls, store);
  }

  private static Refusal refused(ClientAcls acls, Collection<Acl> rules) {
    return catchThrowableOfType(Refusal.class, () -> acls.create("root", rules));
  }

  @Test
  void rulesAreOfOneVirtualCluster() throws Exception {
    team.create("root", topics(0, 5));
    passthrough.create("root", topics(3, 4));
    assertThat(rules(team)).containsExactlyInAnyOrderElementsOf(topics(0, 5));
    assertThat(rules(passthrough)).containsExactlyElementsOf(topics(3, 4));
    assertThat(passthrough.delete("root", List.of(_ -> true))).containsExactly(topics(3, 4));
    assertThat(rules(passthrough)).isEmpty();
    assertThat(rules(team)).hasSize(5);
  }

  @Test
  void rulesThatExistAlreadyAreNotWrittenAgain() throws Exception {
    team.create("root", List.of(read("a"), read("b"), read("a")));
    long revision = store.current().revision();
    team.create("root", List.of(read("b")));
    assertThat(store.current().revision()).isEqualTo(revision);
    assertThat(rules(team)).hasSize(2);
  }

  @Test
  void deletionsTellWhatEachFilterHasSelected() throws Exception {
    team.create("root", topics(0, 4));
    long revision = store.current().revision();
    assertThat(team.delete("root", List.of(_ -> false))).containsExactly(List.of());
    assertThat(store.current().revision()).as("nothing to delete").isEqualTo(revision);
    List<List<Acl>> selected =
        team.delete(
            "root",
            List.of(
                read("topic-1")::equals,
                rule -> rule.resources().name().compareTo("topic-2") < 0,
                read("other")::equals));
    assertThat(selected.get(0)).containsExactly(read("topic-1"));
    assertThat(selected.get(1)).containsExactlyInAnyOrderElementsOf(topics(0, 2));
    assertThat(selected.get(2)).isEmpty();
    assertThat(rules(team)).containsExactlyInAnyOrderElementsOf(topics(2, 4));
  }

  @Test
  void veryManyRulesCanBeKeptChangedAndDeletedWithTheirVirtualCluster() throws Exception {
    for (int i = 0; i < ClientAcls.MAX_RULES; i += 500) {
      team.create("root", topics(i, i + 500));
    }
    assertThat(rules(team)).hasSize(ClientAcls.MAX_RULES);
    Refusal full = refused(team, List.of(read("one more"), read("topic-7")));
    assertThat(full.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(full)
        .hasMessage(
            "A virtual cluster can have 50000 rules; there are 50000, and these would be 1 more.");
    team.create("root", List.of(read("topic-7")));
    administration.delete(Key.of(Kind.VIRTUAL_CLUSTER, "team"));
    assertThat(store.current().all()).isEmpty();
  }

  @Test
  void changesThatAreTooLargeAreRefusedAsAWhole() {
    Refusal refusal = refused(team, topics(0, 20_000));
    assertThat(refusal.reason()).isEqualTo(Reason.INVALID);
    assertThat(refusal).hasMessageContaining("the store takes at most 1000000 in one change");
    assertThat(rules(team)).isEmpty();
  }

  @Test
  void rulesThatCouldNotBeReadAgainAreRefused() {
    for (Acl rule : List.of(read("a\u0000b"), read("x".repeat(1100)))) {
      Refusal refusal = refused(team, List.of(read("fine"), rule));
      assertThat(refusal.reason()).isEqualTo(Reason.INVALID);
      assertThat(refusal).hasMessageStartingWith("A rule cannot be stored, because of its names:");
      assertThat(rules(team)).isEmpty();
    }
  }

  @Test
  void aVirtualClusterThatIsGoneHasNoRules() throws Exception {
    team.create("root", List.of(read("a")));
    administration.delete(Key.of(Kind.VIRTUAL_CLUSTER, "team"));
    assertThat(refused(team, List.of(read("a"))).reason()).isEqualTo(Reason.MISSING);
    administration.put(cluster("team"), false);
    assertThat(rules(team)).as("of the one with this name before").isEmpty();
  }

  @Test
  void restoredRulesAreAddedToThePresentOnes() throws Exception {
    team.create("root", topics(0, 50));
    List<Resource> state = administration.state();
    team.delete("root", List.of(_ -> true));
    // So many that parts of the state have others, too.
    List<Acl> later = topics(40, 5000);
    team.create("root", later);
    administration.restore(state, /* dry= */ false);
    assertThat(rules(team)).containsExactlyInAnyOrderElementsOf(topics(0, 5000));
    Store other = Stores.ofRecords(_ -> {});
    new Administration(other, new AnyLogins()).restore(state, /* dry= */ false);
    assertThat(rules(team, other)).containsExactlyInAnyOrderElementsOf(topics(0, 50));
    long revision = other.current().revision();
    new Administration(other, new AnyLogins()).restore(state, /* dry= */ false);
    assertThat(other.current().revision()).isEqualTo(revision);
  }

  /** Nodes of several versions must agree. */
  @Test
  void thePartOfARuleNeverChanges() {
    assertThat(AccessRules.partOf(read("orders"))).isEqualTo(1590);
  }
}
