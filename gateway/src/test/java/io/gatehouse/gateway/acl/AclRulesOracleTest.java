package io.gatehouse.gateway.acl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.Seed;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Compares decisions with those of Kafka's own authorizer, over random rules and requests. */
class AclRulesOracleTest {

  private static final int SETS = 500;
  private static final int REQUESTS = 40;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static KafkaAuthorizer kafka;

  @BeforeAll
  static void start() throws ReflectiveOperationException {
    kafka = new KafkaAuthorizer();
  }

  @AfterAll
  static void stop() throws IOException {
    kafka.close();
  }

  @Test
  void usersAreDecidedAsByKafka() throws Exception {
    Set<Decision.Reason> seen = EnumSet.noneOf(Decision.Reason.class);
    int allowed = 0;
    int denied = 0;
    for (int i = 0; i < SETS; i++) {
      RandomRules random = new RandomRules(Seed.random("acls", i));
      AclRules.Settings settings = settings(random.random());
      List<AclBinding> bindings = random.rules(false);
      AclRules rules = new AclRules(bindings, settings);
      kafka.use(settings);
      kafka.use(bindings);
      for (int j = 0; j < REQUESTS; j++) {
        String user = random.one(RandomRules.USERS);
        InetAddress host = InetAddress.ofLiteral(random.one(RandomRules.CLIENTS));
        AclCaller caller = rules.caller(user, List.of(), host.getHostAddress());
        Operation operation = random.operation();
        ResourceType type = random.type();
        String name = random.resourceName();
        Decision ours = caller.authorize(operation, type, name);
        assertThat(ours.allowed())
            .as(
                "%s, set %d: %s %s %s %s from %s, of %s; ours: %s",
                Seed.replay(), i, user, operation, type, name, host, bindings, ours)
            .isEqualTo(kafka.authorize(Principal.user(user), host, operation, type, name));
        if (operation != Operation.ALL) {
          Decision any = caller.authorizeAny(operation, type);
          assertThat(any.allowed())
              .as(
                  "%s, set %d: %s %s any %s from %s, of %s; ours: %s",
                  Seed.replay(), i, user, operation, type, host, bindings, any)
              .isEqualTo(kafka.authorizeAny(Principal.user(user), host, operation, type));
        }
        seen.add(ours.reason());
        allowed += ours.allowed() ? 1 : 0;
        denied += ours.allowed() ? 0 : 1;
      }
    }
    assertThat(seen)
        .as("the random requests meet all cases that Kafka has")
        .isEqualTo(EnumSet.complementOf(EnumSet.of(Decision.Reason.READ_ONLY)));
    assertThat(Math.min(allowed, denied)).isGreaterThan(SETS * REQUESTS / 20);
  }

  /** For Kafka, the rules of the client's groups are rewritten to be those of the client. */
  @Test
  void rulesOfGroupsAreAsThoseOfTheirMembers() throws Exception {
    Principal alice = Principal.user("alice");
    AclRules.Settings settings = new AclRules.Settings(Set.of(), false);
    kafka.use(settings);
    int byGroup = 0;
    for (int i = 0; i < SETS; i++) {
      RandomRules random = new RandomRules(Seed.random("groups", i));
      List<AclBinding> bindings = random.rules(true);
      List<String> groups = random.groups();
      List<AclBinding> rewritten = new ArrayList<>();
      for (AclBinding rule : bindings) {
        Principal whom = rule.principal();
        boolean mine =
            whom.type().equals(Principal.GROUP)
                && (groups.contains(whom.name()) || (whom.name().equals("*") && !groups.isEmpty()));
        rewritten.add(
            mine
                ? new AclBinding(
                    rule.resources(), alice, rule.host(), rule.operation(), rule.permission())
                : rule);
      }
      kafka.use(rewritten);
      InetAddress host = InetAddress.ofLiteral(random.one(RandomRules.CLIENTS));
      AclCaller caller =
          new AclRules(bindings, settings).caller(alice.name(), groups, host.getHostAddress());
      for (int j = 0; j < REQUESTS / 3; j++) {
        Operation operation = random.operation();
        ResourceType type = random.type();
        String name = random.resourceName();
        Decision ours = caller.authorize(operation, type, name);
        assertThat(ours.allowed())
            .as("%s, set %d: %s %s %s of %s", Seed.replay(), i, operation, type, name, bindings)
            .isEqualTo(kafka.authorize(alice, host, operation, type, name));
        if (operation != Operation.ALL) {
          assertThat(caller.authorizeAny(operation, type).allowed())
              .as("%s, set %d: %s any %s of %s", Seed.replay(), i, operation, type, bindings)
              .isEqualTo(kafka.authorizeAny(alice, host, operation, type));
        }
        AclBinding rule = ours.rule();
        byGroup += rule != null && rule.principal().type().equals(Principal.GROUP) ? 1 : 0;
      }
    }
    assertThat(byGroup).isGreaterThan(SETS / 10);
  }

  @Test
  void authorizedOperationsAreThoseOfKafka() throws Exception {
    for (ResourceType type : ResourceType.values()) {
      assertThat(
              Operation.LIST.stream()
                  .filter(type::has)
                  .map(one -> AclOperation.fromCode(one.code())))
          .as("%s", type)
          .containsExactlyInAnyOrderElementsOf(kafka.operations(type));
    }
  }

  /** The javadoc of {@link AclRules} tells of these; if Kafka mends them, it should be changed. */
  @Test
  void kafkasFaultsAreNotRepeated() throws Exception {
    AclBinding all =
        new AclBinding(
            new ResourcePattern(ResourceType.GROUP, "*", PatternType.LITERAL),
            Principal.user("alice"),
            "*",
            Operation.READ,
            Permission.ALLOW);
    AclBinding low =
        new AclBinding(
            new ResourcePattern(ResourceType.GROUP, "!!!b", PatternType.LITERAL),
            Principal.user("bob"),
            "*",
            Operation.READ,
            Permission.ALLOW);
    AclRules.Settings settings = new AclRules.Settings(Set.of(), false);
    AclCaller alice =
        new AclRules(List.of(all, low), settings).caller("alice", List.of(), "10.0.0.1");
    kafka.use(settings);
    kafka.use(List.of(all, low));
    assertThat(kafkaLetsAliceRead("any")).isTrue();

    assertThat(kafkaLetsAliceRead("*any")).isFalse();
    assertThat(alice.authorize(Operation.READ, ResourceType.GROUP, "*any").allowed()).isTrue();

    assertThatThrownBy(() -> kafkaLetsAliceRead("!!!a"))
        .isInstanceOf(StringIndexOutOfBoundsException.class);
    assertThat(alice.authorize(Operation.READ, ResourceType.GROUP, "!!!a").allowed()).isTrue();
  }

  private static boolean kafkaLetsAliceRead(String group) {
    InetAddress host = InetAddress.ofLiteral("10.0.0.1");
    return kafka.authorize(
        Principal.user("alice"), host, Operation.READ, ResourceType.GROUP, group);
  }

  private static AclRules.Settings settings(RandomGenerator random) {
    Set<Principal> superUsers =
        random.nextInt(5) == 0
            ? RandomRules.USERS.stream()
                .filter(user -> !user.isEmpty() && random.nextInt(4) == 0)
                .map(Principal::user)
                .collect(Collectors.toSet())
            : Set.of();
    return new AclRules.Settings(superUsers, random.nextInt(4) == 0);
  }
}
