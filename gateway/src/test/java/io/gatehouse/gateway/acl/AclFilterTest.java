package io.gatehouse.gateway.acl;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.acl.AclFilter.Entries;
import io.gatehouse.gateway.acl.AclFilter.NameMatch;
import io.gatehouse.gateway.acl.AclFilter.Resources;
import io.gatehouse.gateway.fixture.Seed;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Compares the selection of rules with that of Kafka's filters. */
class AclFilterTest {

  private static final int ANY = 1;

  @Test
  void rulesAreSelectedAsByKafka() {
    int selected = 0;
    int byResource = 0;
    for (int i = 0; i < 100_000; i++) {
      RandomRules random = new RandomRules(Seed.random("filter", i));
      AclBinding rule = random.rule(true, 7);
      AclFilter filter = filter(random, rule);
      boolean expected = kafkas(filter).matches(KafkaAuthorizer.kafkas(rule));
      assertThat(filter.matches(rule))
          .as("%s: %s of %s", Seed.replay(), filter, rule)
          .isEqualTo(expected);
      selected += expected ? 1 : 0;
      byResource +=
          expected
                  && filter.resources().match() == NameMatch.MATCH
                  && !rule.resources().name().equals(filter.resources().name())
              ? 1
              : 0;
    }
    assertThat(selected).isBetween(5_000, 95_000);
    assertThat(byResource).isGreaterThan(500);
  }

  @Test
  void codesAreKafkas() {
    for (ResourceType one : ResourceType.values()) {
      assertThat(ResourceType.ofCode(one.code())).isEqualTo(one);
      assertThat(org.apache.kafka.common.resource.ResourceType.fromCode(one.code()).name())
          .isEqualTo(one.name());
    }
    for (Operation one : Operation.values()) {
      assertThat(Operation.ofCode(one.code())).isEqualTo(one);
      assertThat(AclOperation.fromCode(one.code()).name()).isEqualTo(one.name());
    }
    for (Permission one : Permission.values()) {
      assertThat(Permission.ofCode(one.code())).isEqualTo(one);
      assertThat(AclPermissionType.fromCode(one.code()).name()).isEqualTo(one.name());
    }
    for (PatternType one : PatternType.values()) {
      assertThat(PatternType.ofCode(one.code())).isEqualTo(one);
      assertThat(org.apache.kafka.common.resource.PatternType.fromCode(one.code()).name())
          .isEqualTo(one.name());
    }
    for (NameMatch one : NameMatch.values()) {
      assertThat(NameMatch.ofCode(one.code())).isEqualTo(one);
      assertThat(org.apache.kafka.common.resource.PatternType.fromCode(one.code()).name())
          .isEqualTo(one.name());
    }
    // UNKNOWN and ANY are no constants of Gatehouse, except in NameMatch
    assertThat(ResourceType.values())
        .hasSize(org.apache.kafka.common.resource.ResourceType.values().length - 2);
    assertThat(Operation.values()).hasSize(AclOperation.values().length - 2);
    assertThat(Permission.values()).hasSize(AclPermissionType.values().length - 2);
    assertThat(NameMatch.values())
        .hasSize(org.apache.kafka.common.resource.PatternType.values().length - 1);
    for (int code : List.of(-128, -1, 0, 1, 100, 127)) {
      assertThat(ResourceType.ofCode(code)).isNull();
      assertThat(Operation.ofCode(code)).isNull();
      assertThat(Permission.ofCode(code)).isNull();
      assertThat(PatternType.ofCode(code)).isNull();
    }
  }

  @Test
  void principalsAreReadAsWritten() {
    assertThat(Principal.parse("User:cn=a:b")).isEqualTo(Principal.user("cn=a:b"));
    assertThat(Principal.parse("Group:dev")).isEqualTo(Principal.group("dev"));
    for (String text : List.of("User:", ":", "User:*", "user:alice", "Robot:r:2:d")) {
      assertThat(Principal.parse(text)).hasToString(text);
    }
  }

  /** Parts of a rule, other values, or none. */
  private static AclFilter filter(RandomRules random, AclBinding rule) {
    AclBinding other = random.rule(true, 5);
    RandomGenerator numbers = random.random();
    return new AclFilter(
        new Resources(
            choice(numbers, () -> rule.resources().type(), random::type),
            choice(numbers, () -> rule.resources().name(), random::resourceName),
            random.one(List.of(NameMatch.values()))),
        new Entries(
            choice(numbers, () -> rule.principal().toString(), () -> other.principal().toString()),
            choice(numbers, rule::host, other::host),
            choice(numbers, rule::operation, other::operation),
            choice(numbers, rule::permission, other::permission)));
  }

  private static <T> @Nullable T choice(
      RandomGenerator random, Supplier<T> same, Supplier<T> other) {
    return switch (random.nextInt(8)) {
      case 0 -> other.get();
      case 1, 2, 3 -> null;
      default -> same.get();
    };
  }

  private static AclBindingFilter kafkas(AclFilter filter) {
    Resources resources = filter.resources();
    Entries entries = filter.entries();
    ResourceType type = resources.type();
    Operation operation = entries.operation();
    Permission permission = entries.permission();
    return new AclBindingFilter(
        new ResourcePatternFilter(
            org.apache.kafka.common.resource.ResourceType.fromCode(
                type == null ? ANY : type.code()),
            resources.name(),
            org.apache.kafka.common.resource.PatternType.fromCode(resources.match().code())),
        new AccessControlEntryFilter(
            entries.principal(),
            entries.host(),
            AclOperation.fromCode(operation == null ? ANY : operation.code()),
            AclPermissionType.fromCode(permission == null ? ANY : permission.code())));
  }
}
