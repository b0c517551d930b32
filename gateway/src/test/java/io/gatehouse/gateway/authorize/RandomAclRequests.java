package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.wire.tree.Struct;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Random requests for access rules, from so few values that many of them meet. */
record RandomAclRequests(RandomGenerator random) {

  private static final List<String> NAMES =
      List.of("a", "ab", "abc", "b", "*", "*a", "kafka-cluster", "\u00e9\ud83d\ude00", " ", "");

  private static final List<String> PRINCIPALS =
      List.of(
          "User:alice",
          "User:alice",
          "User:*",
          "User:",
          "Group:g",
          ":x",
          "User:cn=a:b",
          "alice",
          "");

  private static final List<String> HOSTS =
      List.of(
          "*",
          "*",
          "127.0.0.1",
          "10.0.0.1",
          "10.0.0.0/8",
          "10.0.0.0/33",
          "10.0/8",
          "300.0.0.0/8",
          "2001:db8::1",
          "2001:db8::/32",
          "2001:db8::/129",
          "2001:db8::/x",
          "1::2::3/8",
          "localhost",
          "localhost/8",
          "/",
          "");

  private <T extends @Nullable Object> T one(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  /** A code from a range, and rarely any other one. */
  private int code(int first, int last, int oddOf) {
    return random.nextInt(oddOf) == 0
        ? one(List.of(0, 1, 2, last + 1, 99, -1, -128))
        : random.nextInt(first, last + 1);
  }

  /** A request of an API with some elements. */
  byte[] request(int api, int version) {
    Struct request = Frames.newRequest(api, version);
    switch (api) {
      case AclRequests.DESCRIBE -> filter(request);
      case AclRequests.CREATE -> {
        for (int left = random.nextInt(5); left > 0; left--) {
          rule(request.addStruct("Creations"));
        }
      }
      default -> {
        for (int left = random.nextInt(4); left > 0; left--) {
          filter(request.addStruct("Filters"));
        }
      }
    }
    return Frames.request(api, version, random.nextInt(), request);
  }

  private void rule(Struct rule) {
    boolean onCluster = random.nextInt(4) == 0;
    rule.set("ResourceType", onCluster ? 4 : code(2, 7, 25))
        .set("ResourceName", onCluster && random.nextInt(5) > 0 ? "kafka-cluster" : one(NAMES))
        .setIfPresent("ResourcePatternType", onCluster ? 3 : code(3, 4, 25))
        .set("Principal", one(PRINCIPALS))
        .set("Host", one(HOSTS))
        .set("Operation", onCluster ? one(List.of(2, 7, 8)) : code(2, 15, 25))
        .set("PermissionType", code(2, 3, 25));
  }

  private void filter(Struct filter) {
    filter
        .set("ResourceTypeFilter", random.nextBoolean() ? 1 : code(1, 7, 25))
        .set("ResourceNameFilter", orNull(NAMES))
        .setIfPresent("PatternTypeFilter", code(1, 4, 25))
        .set("PrincipalFilter", orNull(PRINCIPALS))
        .set("HostFilter", orNull(HOSTS))
        .set("Operation", random.nextInt(3) > 0 ? 1 : code(1, 15, 20))
        .set("PermissionType", random.nextInt(3) > 0 ? 1 : code(1, 3, 20));
  }

  private @Nullable String orNull(List<String> values) {
    return random.nextInt(3) > 0 ? null : one(values);
  }

  /** A request for all rules. */
  static byte[] all() {
    return Frames.request(
        AclRequests.DESCRIBE, 3, 77, any(Frames.newRequest(AclRequests.DESCRIBE, 3)));
  }

  /** Lets a filter select all rules. */
  static Struct any(Struct filter) {
    for (String field :
        Arrays.asList("ResourceTypeFilter", "PatternTypeFilter", "Operation", "PermissionType")) {
      filter.setIfPresent(field, 1);
    }
    return filter
        .set("ResourceNameFilter", null)
        .set("PrincipalFilter", null)
        .set("HostFilter", null);
  }
}
