package io.gatehouse.gateway.authorize;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.Principal;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.wire.schema.Versions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The gateway answers as Kafka's brokers do with the same rules. More rule sets than in each build:
 * {@code -Dgatehouse.acl.rounds=50}, with a hundred users in each round.
 */
class AclDifferentialIT {

  private static final int ROUNDS = Integer.getInteger("gatehouse.acl.rounds", 1);
  private static final int OF_EACH = Integer.getInteger("gatehouse.acl.calls", 2);
  private static final int CHANGING = Integer.getInteger("gatehouse.acl.changing", 20);
  private static final int SHOWN = Integer.getInteger("gatehouse.acl.shown", 3);

  /** The most characters shown from where answers differ. */
  private static final int LONGEST = 300;

  /** The error codes of missing rights. */
  private static final Pattern REFUSED = Pattern.compile("ErrorCode:(29|30|31|53) ");

  /** What everybody may ask: answers only leave out what a user may not see. */
  private static final Set<String> NEVER_REFUSED =
      Set.of("DescribeCluster", "ListGroups", "ListTransactions");

  /**
   * The APIs whose answers are known to be different in some cases, with what is missing. Each is
   * removed here with its difference.
   */
  private static final Map<String, String> GAPS =
      Map.ofEntries(
          Map.entry("AddPartitionsToTxn", "the error of unknown topics beside refused ones"),
          Map.entry("AlterShareGroupOffsets", "the ids of refused topics"),
          Map.entry("DescribeClientQuotas", "null entries"),
          Map.entry("DescribeUserScramCredentials", "an element without a user"),
          Map.entry("InitProducerId", "the epoch -1"),
          Map.entry("JoinGroup", "a null protocol name"),
          Map.entry("ReadShareGroupState", "the start offset 0"),
          Map.entry("ReadShareGroupStateSummary", "the start offset 0"),
          Map.entry("ShareFetch", "the text of an unknown session"));

  /** The same in virtual clusters alone. */
  private static final Map<String, String> GAPS_OF_CHANGES =
      Map.of(
          "DeleteTopics", "the name of a topic that was named by its id, and must not be deleted",
          "Metadata", "a topic that must not be created is unknown, and not refused");

  private static final Map<String, String> GAPS_IN_TENANTS =
      Map.of("DescribeTopicPartitions", "all topics, if the request names none");

  /** The APIs that are about topics, groups and transactions alone. */
  private static final Set<Integer> IN_TENANTS =
      Set.of(
          0, 1, 2, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 21, 22, 23, 24, 25, 26, 28, 37, 42, 47, 61,
          65, 66, 68, 69, 75, 90, 91, 92);

  private static Arena arena;
  private static Map<Integer, Versions> versions;

  private final Map<String, List<String>> differences = new TreeMap<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final Set<String> refused = new TreeSet<>();
  private final Set<String> performed = new TreeSet<>();

  @BeforeAll
  static void start() throws Exception {
    arena = Arena.start();
    versions = arena.versions();
    // What is written with the first requests is there when the later ones come.
    RandomGenerator random = Seed.random("first");
    for (int i = 0; i < 5; i++) {
      var _ = arena.direct(Arena.SUPER_USER).ask(calls(random, 4));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    arena.close();
  }

  private static List<Call> calls(RandomGenerator random, int ofEach) {
    return new RandomCalls(arena.world(), random, versions).all(ofEach);
  }

  @Test
  void answersAreTheSameForWhoMayDoEverything() throws Exception {
    compare(Arena.SUPER_USER, List.of(), calls(Seed.random("super"), 10));
    assertThat(report()).as(Seed.replay()).isEmpty();
  }

  @Test
  void answersAreTheSameWithRandomRules() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Map<String, List<AclBinding>> rules = useRandomRules("rules", round);
      for (String user : Arena.users()) {
        compare(
            user,
            rules.getOrDefault(user, List.of()),
            calls(Seed.random("calls", round, user), OF_EACH));
      }
    }
    assertThat(report()).as(Seed.replay()).isEmpty();
    Set<String> withRights = new TreeSet<>(counts.keySet());
    withRights.removeAll(NEVER_REFUSED);
    // Rules are random, so that a few APIs may be allowed to nobody, or to everybody.
    assertThat(refused).as("refused by the broker").hasSizeGreaterThan(withRights.size() * 9 / 10);
    assertThat(performed).as("performed by the broker").hasSizeGreaterThan(counts.size() * 9 / 10);
  }

  @Test
  void answersAreTheSameInAVirtualCluster() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Map<String, List<AclBinding>> rules = randomRules(Arena.tenants(), "tenants", round);
      arena.useInTenant(rules.values().stream().flatMap(List::stream).toList());
      for (String user : Arena.tenants()) {
        RandomGenerator random = Seed.random("calls of tenants", round, user);
        List<Call> calls =
            new RandomCalls(arena.tenantsWorld(), random, versions)
                .all(OF_EACH).stream().filter(call -> IN_TENANTS.contains(call.api())).toList();
        List<Call> direct =
            calls.stream().map(call -> call.prefixed(Arena.TENANT.prefix())).toList();
        compare(
            calls,
            rules.getOrDefault(user, List.of()),
            arena.direct(user).ask(direct),
            arena.through(user).ask(calls));
      }
    }
    differences.keySet().removeAll(GAPS_IN_TENANTS.keySet());
    assertThat(report()).as(Seed.replay()).isEmpty();
  }

  @Test
  void fetchSessionsAreTheSameWithRandomRules() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Map<String, List<AclBinding>> rules = useRandomRules("rules of sessions", round);
      for (String user : Arena.users()) {
        compareScenario(
            user, rules.getOrDefault(user, List.of()), "fetch" + round, Scenario::fetch);
      }
    }
    assertThat(report()).as(Seed.replay()).isEmpty();
  }

  @Test
  void changesAreTheSameWithRandomRules() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Map<String, List<AclBinding>> rules = useRandomRules("rules of changes", round);
      for (String user : Arena.users().subList(0, CHANGING)) {
        compareScenario(
            user, rules.getOrDefault(user, List.of()), "change" + round, Scenario::change);
      }
      arena.deleteTopics(name -> name.contains("-"));
    }
    differences.keySet().removeAll(GAPS_OF_CHANGES.keySet());
    assertThat(report()).as(Seed.replay()).isEmpty();
  }

  private static Map<String, List<AclBinding>> useRandomRules(String name, int round)
      throws Exception {
    Map<String, List<AclBinding>> rules = randomRules(Arena.users(), name, round);
    arena.use(rules.values().stream().flatMap(List::stream).toList());
    return rules;
  }

  private static Map<String, List<AclBinding>> randomRules(
      List<String> users, String name, int round) {
    Map<String, List<AclBinding>> rules = new HashMap<>();
    for (String user : users) {
      rules.put(user, new RandomBindings(Seed.random(name, round, user)).of(Principal.user(user)));
    }
    return rules;
  }

  /** Requests and their answers, one way. */
  private interface Talk {
    List<String> answers(Scenario scenario, AsUser user) throws Exception;
  }

  private void compareScenario(String user, List<AclBinding> rules, String name, Talk talk)
      throws Exception {
    List<String> broker =
        talk.answers(
            new Scenario(arena, versions, Seed.random(name, user), "-0" + name + user),
            arena.direct(user));
    List<String> gateway =
        talk.answers(
            new Scenario(arena, versions, Seed.random(name, user), "-1" + name + user),
            arena.through(user));
    for (int i = 0; i < Math.max(broker.size(), gateway.size()); i++) {
      String one = i < broker.size() ? broker.get(i) : "(none)";
      String other = i < gateway.size() ? gateway.get(i) : "(none)";
      String api = (i < broker.size() ? one : other).split(" ", 2)[0];
      counts.merge(api, 1, Integer::sum);
      if (!one.equals(other)) {
        add(api, "answer " + i, rules, one, other);
        // What comes after it may only be different because of it.
        return;
      }
    }
  }

  private void compare(String user, List<AclBinding> rules, List<Call> calls) throws Exception {
    compare(calls, rules, arena.direct(user).ask(calls), arena.through(user).ask(calls));
  }

  private void compare(
      List<Call> calls, List<AclBinding> rules, List<byte[]> expected, List<byte[]> found) {
    for (int i = 0; i < calls.size(); i++) {
      Call call = calls.get(i);
      String broker = Answers.text(call, expected.get(i));
      String gateway = Answers.text(call, found.get(i));
      counts.merge(call.name(), 1, Integer::sum);
      (REFUSED.matcher(broker).find() ? refused : performed).add(call.name());
      if (!broker.equals(gateway)) {
        add(call.name(), call.toString(), rules, broker, gateway);
      }
    }
  }

  private void add(String api, String call, List<AclBinding> rules, String broker, String gateway) {
    differences
        .computeIfAbsent(api, _ -> new ArrayList<>())
        .add(
            "%s\n    rules   %s\n    broker  %s\n    gateway %s"
                .formatted(call, rules, from(broker, gateway), from(gateway, broker)));
  }

  /** A text from a little before where it begins to differ. */
  private static String from(String text, String other) {
    int same = 0;
    while (same < Math.min(text.length(), other.length())
        && text.charAt(same) == other.charAt(same)) {
      same++;
    }
    int begin = same < LONGEST / 2 ? 0 : same - LONGEST / 2;
    return text.substring(begin, Math.min(text.length(), same + LONGEST));
  }

  /** A few differences of each API without known gaps. */
  private String report() {
    StringBuilder text = new StringBuilder();
    if (!Boolean.getBoolean("gatehouse.acl.gaps")) {
      differences.keySet().removeAll(GAPS.keySet());
    }
    differences.forEach((api, all) -> {
      text.append("\n%s: %d of %d\n".formatted(api, all.size(), counts.get(api)));
      all.stream().limit(SHOWN).forEach(each -> text.append("  ").append(each).append('\n'));
    });
    return text.toString();
  }
}
