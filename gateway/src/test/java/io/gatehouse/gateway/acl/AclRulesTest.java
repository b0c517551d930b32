package io.gatehouse.gateway.acl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.gatehouse.gateway.acl.AclRules.Settings;
import io.gatehouse.gateway.acl.Decision.Reason;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What decisions tell, and what they cost. */
class AclRulesTest {

  private static final Settings CLOSED =
      new Settings(Set.of(Principal.user("root"), Principal.group("admins")), false);
  private static final Settings OPEN = new Settings(Set.of(), true);
  private static final String HOST = "10.0.0.1";

  @Test
  void decisionsTellTheirReason() {
    AclBinding read = rule("User:alice", Operation.READ, Permission.ALLOW, "orders");
    AclBinding deny = rule("Group:guests", Operation.ALL, Permission.DENY, "*");
    AclRules rules = new AclRules(List.of(read, deny), CLOSED);

    AclCaller alice = rules.caller("alice", List.of(), HOST);
    assertThat(decide(alice, Operation.READ, "orders")).isEqualTo(Decision.of(read));
    assertThat(decide(alice, Operation.DESCRIBE, "orders")).isEqualTo(Decision.of(read));
    assertThat(decide(alice, Operation.WRITE, "orders"))
        .isEqualTo(new Decision(false, Reason.NO_RULE_ALLOWS, null));
    assertThat(decide(alice, Operation.READ, "other").reason())
        .as("there is a rule about all topics, but for others")
        .isEqualTo(Reason.NO_RULE_ALLOWS);
    assertThat(alice.authorize(Operation.READ, ResourceType.GROUP, "g").reason())
        .isEqualTo(Reason.NO_RULES);

    AclCaller guest = rules.caller("alice", List.of("guests"), HOST);
    assertThat(decide(guest, Operation.READ, "orders")).isEqualTo(Decision.of(deny));
    assertThat(decide(guest, Operation.READ, "orders"))
        .hasToString("denied: rule DENY Group:guests ALL on TOPIC LITERAL * from *");
  }

  @Test
  void superUsersMayDoWhatIsDenied() {
    AclBinding deny = rule("User:*", Operation.ALL, Permission.DENY, "*");
    AclRules rules = new AclRules(List.of(deny), CLOSED);
    for (AclCaller caller :
        List.of(
            rules.caller("root", List.of(), HOST),
            rules.caller("bob", List.of("x", "admins"), HOST))) {
      assertThat(decide(caller, Operation.DELETE, "t").reason()).isEqualTo(Reason.SUPER_USER);
      assertThat(caller.authorizeAny(Operation.WRITE, ResourceType.TOPIC).allowed()).isTrue();
      assertThat(caller.authorizeCluster(Operation.ALTER).allowed()).isTrue();
    }
    assertThat(decide(rules.caller("admins", List.of("root"), HOST), Operation.DELETE, "t"))
        .as("users and groups with equal names differ")
        .isEqualTo(Decision.of(deny));
  }

  /** Of what no other rule restricts, and also for super users. */
  @Test
  void nobodyChangesReadOnlyTopics() {
    Settings closed = new Settings(Set.of(Principal.user("root")), false, Set.of("prices"));
    AclBinding all = rule("User:alice", Operation.ALL, Permission.ALLOW, "*");
    for (AclCaller caller :
        List.of(
            AclRules.OPEN.protecting(Set.of("prices")).caller("alice", List.of(), HOST),
            new AclRules(List.of(all), closed).caller("alice", List.of(), HOST),
            new AclRules(List.of(), closed).caller("root", List.of(), HOST))) {
      assertThat(caller.mayDoEverything()).isFalse();
      for (Operation operation : Operation.values()) {
        boolean changes =
            Set.of(
                    Operation.WRITE,
                    Operation.CREATE,
                    Operation.DELETE,
                    Operation.ALTER,
                    Operation.ALTER_CONFIGS)
                .contains(operation);
        assertThat(decide(caller, operation, "prices").reason() == Reason.READ_ONLY)
            .as("%s", operation)
            .isEqualTo(changes);
        assertThat(decide(caller, operation, "orders").allowed()).as("%s", operation).isTrue();
        assertThat(caller.authorizesAll(operation, ResourceType.TOPIC))
            .as("%s", operation)
            .isEqualTo(!changes);
      }
      assertThat(caller.authorizeAny(Operation.WRITE, ResourceType.TOPIC).allowed()).isTrue();
    }
  }

  @Test
  void resourcesWithoutRulesCanBeOpen() {
    AclRules rules =
        new AclRules(
            List.of(
                new AclBinding(
                    new ResourcePattern(ResourceType.TOPIC, "a", PatternType.PREFIXED),
                    Principal.user("bob"),
                    "*",
                    Operation.READ,
                    Permission.ALLOW)),
            OPEN);
    AclCaller alice = rules.caller("alice", List.of(), HOST);
    assertThat(decide(alice, Operation.WRITE, "b").allowed()).isTrue();
    assertThat(decide(alice, Operation.WRITE, "ab").allowed()).isFalse();
    assertThat(AclRules.NONE.caller("alice", List.of("g"), HOST).authorizeCluster(Operation.ALTER))
        .isEqualTo(Decision.DENIED_BY_DEFAULT);
  }

  @Test
  void authorizedOperationsAreBits() {
    AclRules rules =
        new AclRules(
            List.of(
                rule("User:alice", Operation.ALL, Permission.ALLOW, "*"),
                rule("User:*", Operation.DELETE, Permission.DENY, "orders")),
            CLOSED);
    AclCaller alice = rules.caller("alice", List.of(), HOST);
    assertThat(alice.authorizedOperations(ResourceType.TOPIC, "orders"))
        .isEqualTo(0b1101_1011_1000); // bits 3 to 11 without DELETE and CLUSTER_ACTION
    assertThat(alice.authorizedOperations(ResourceType.GROUP, "orders")).isZero();
  }

  /** Kafka's authorizer cannot decide about such a user. */
  @Test
  void aUserCanBeNamedAsAllUsers() {
    AclRules rules =
        new AclRules(List.of(rule("User:*", Operation.READ, Permission.ALLOW, "t")), CLOSED);
    assertThat(decide(rules.caller("*", List.of(), HOST), Operation.READ, "t").allowed()).isTrue();
  }

  @Test
  void wrongTextsAreRefused() {
    assertThatThrownBy(() -> Principal.parse("alice")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> rule("User:a", Operation.READ, Permission.ALLOW, ""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void manyRulesAreDecidedWithoutAllocating() {
    List<AclBinding> bindings = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      String name = "team-" + i % 100 + ".topic-" + i;
      bindings.add(
          new AclBinding(
              new ResourcePattern(ResourceType.TOPIC, name, PatternType.values()[i & 1]),
              i % 3 == 0 ? Principal.user("user-" + i % 50) : Principal.group("group-" + i % 70),
              i % 5 == 0 ? "10.0.0.0/8" : i % 7 == 0 ? HOST : "*",
              Operation.READ,
              i % 11 == 0 ? Permission.DENY : Permission.ALLOW));
    }
    AclRules rules = new AclRules(bindings, CLOSED);
    AclCaller caller = rules.caller("user-7", List.of("group-3", "group-9"), HOST);
    String[] names =
        bindings.stream().map(rule -> rule.resources().name() + "x").toArray(String[]::new);
    int allowed = 0;
    for (AclBinding rule : bindings) {
      String name = rule.resources().name();
      boolean expected =
          allowedByScan(bindings, Set.of("User:user-7", "Group:group-3", "Group:group-9"), name);
      assertThat(decide(caller, Operation.READ, name).allowed()).as(name).isEqualTo(expected);
      allowed += expected ? 1 : 0;
    }
    assertThat(allowed).isBetween(100, 2_000);

    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int decided = 0;
    for (int round = 0; round < 20; round++) {
      for (String name : names) {
        decided += decide(caller, Operation.DESCRIBE, name).allowed() ? 1 : 0;
      }
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(decided).isPositive();
    assertThat(allocated).as("bytes for %d decisions", 20 * names.length).isLessThan(names.length);
  }

  private static boolean allowedByScan(
      List<AclBinding> bindings, Set<String> principals, String name) {
    boolean allowed = false;
    for (AclBinding rule : bindings) {
      if (rule.resources().contains(name) && principals.contains(rule.principal().toString())) {
        if (rule.permission() == Permission.DENY) {
          return false;
        }
        allowed = true;
      }
    }
    return allowed;
  }

  private static Decision decide(AclCaller caller, Operation operation, String topic) {
    return caller.authorize(operation, ResourceType.TOPIC, topic);
  }

  private static AclBinding rule(
      String principal, Operation operation, Permission permission, String topic) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
        Principal.parse(principal),
        "*",
        operation,
        permission);
  }
}
