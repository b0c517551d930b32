package io.gatehouse.gateway.acl;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Random rules and requests, from so few values that many of them meet. */
record RandomRules(RandomGenerator random) {

  /** Users that make requests. Kafka's authorizer fails for one that is named {@code *}. */
  static final List<String> USERS = List.of("alice", "bob", "", "cn=a:b");

  private static final List<String> RULE_USERS = List.of("alice", "bob", "*", "", "cn=a:b");

  static final List<String> GROUPS = List.of("dev", "ops", "*", "alice");

  /** Hosts of clients. */
  static final List<String> CLIENTS =
      List.of("10.0.0.1", "10.0.1.200", "192.168.0.255", "2001:db8::1", "::1", "fe80::77");

  private static final List<String> PRINCIPAL_TYPES = List.of("User", "User", "User", "Other");

  private static final List<String> HOSTS =
      List.of(
          "*",
          "*",
          "*",
          "*",
          "10.0.0.1",
          "10.0.0.01",
          "10.0.0.0/23",
          "10.0.1.200/24",
          "10.0.0.1/32",
          "10.0.0.1/33",
          "10.0.0.256/8",
          "010.000.000.001/31",
          "0.0.0.0/0",
          "10.0.0.0/",
          "10.0.0.0/+8",
          "10.0.0.0/008",
          "10.0/8",
          "::1",
          "0:0:0:0:0:0:0:1",
          "2001:db8:0:0:0:0:0:1",
          "2001:db8::/32",
          "2001:DB8::1/127",
          "2001:db8::1/129",
          "2001:db8::/-1",
          "2001:db8::/+32",
          "::/0",
          "fe80::/9",
          "::ffff:10.0.0.1/120",
          "[::1]/128",
          "1::2::3/8",
          "localhost",
          "localhost/8",
          "/8",
          "");

  <T> T one(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  /** A name for a rule: mostly beginnings of others. */
  String ruleName() {
    return switch (random.nextInt(10)) {
      case 0, 1 -> "*";
      case 2 ->
          one(List.of("*a", "**", "$", "#a", "kafka-cluster", "hardcode", "hard", "ab.ab-ab"));
      default -> name(1);
    };
  }

  /** A name of a resource. Kafka's authorizer fails for those that begin below {@code *}. */
  String resourceName() {
    return switch (random.nextInt(12)) {
      case 0 -> "";
      case 1 -> "*";
      case 2 ->
          one(List.of("kafka-cluster", "hardcode", "a*", "ab.ab-ab.ab", "\u00e9\ud83d\ude00"));
      default -> name(0);
    };
  }

  private String name(int shortest) {
    StringBuilder name = new StringBuilder();
    for (int left = shortest + random.nextInt(4); left > 0; left--) {
      name.append(random.nextInt(4) == 0 ? 'b' : 'a');
    }
    return name.toString();
  }

  ResourceType type() {
    return random.nextInt(3) == 0 ? one(List.of(ResourceType.values())) : ResourceType.TOPIC;
  }

  Operation operation() {
    return random.nextBoolean()
        ? one(List.of(Operation.values()))
        : one(List.of(Operation.READ, Operation.WRITE, Operation.DESCRIBE));
  }

  private Principal principal(boolean withGroups) {
    return withGroups && random.nextBoolean()
        ? Principal.group(one(GROUPS))
        : new Principal(one(PRINCIPAL_TYPES), one(RULE_USERS));
  }

  AclBinding rule(boolean withGroups, int allowedOfTen) {
    return new AclBinding(
        new ResourcePattern(type(), ruleName(), one(List.of(PatternType.values()))),
        principal(withGroups),
        one(HOSTS),
        operation(),
        random.nextInt(10) < allowedOfTen ? Permission.ALLOW : Permission.DENY);
  }

  List<AclBinding> rules(boolean withGroups) {
    int allowedOfTen = random.nextInt(11);
    return Stream.generate(() -> rule(withGroups, allowedOfTen))
        .limit(random.nextInt(3) == 0 ? random.nextInt(100) : random.nextInt(12))
        .toList();
  }

  /** Some of the groups. */
  List<String> groups() {
    List<String> groups = new ArrayList<>(GROUPS);
    groups.removeIf(_ -> random.nextBoolean());
    return groups;
  }
}
