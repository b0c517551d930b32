package io.gatehouse.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.User;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Interceptor;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScopesTest {

  private static Scopes scopes(Resource... resources) {
    Map<Key, Resource> all = new LinkedHashMap<>();
    Arrays.stream(resources).forEach(resource -> all.put(resource.key(), resource));
    return new Snapshot(1, all).scopes();
  }

  private static Interceptor interceptor(String name, int priority, Scope scope) {
    return new Interceptor(name, scope, new Interceptor.Spec(null, "a.B", priority, Map.of()));
  }

  private static Scope scope(
      @Nullable String vCluster, @Nullable String group, @Nullable String username) {
    return new Scope(vCluster, group, username);
  }

  @Test
  void theMostSpecificScopeOfANameCounts() {
    Interceptor global = interceptor("a", 1, Scope.GLOBAL);
    Interceptor cluster = interceptor("a", 2, scope("v", null, null));
    Interceptor group = interceptor("a", 3, scope("v", "g", null));
    Interceptor user = interceptor("a", 4, scope("v", null, "u"));
    Scopes all = scopes(user, group, cluster, global);
    assertThat(all.interceptors("v", Set.of("g"), "u")).containsExactly(user);
    assertThat(all.interceptors("v", Set.of("g"), "w")).containsExactly(group);
    assertThat(all.interceptors("v", Set.of("h"), null)).containsExactly(cluster);
    assertThat(all.interceptors("passthrough", Set.of("g"), "u")).containsExactly(global);
  }

  @Test
  void aUsernameIsMoreSpecificThanAGroupOfAVirtualCluster() {
    Interceptor group = interceptor("a", 1, scope("v", "g", null));
    Interceptor user = interceptor("a", 2, scope(null, null, "u"));
    assertThat(scopes(group, user).interceptors("v", Set.of("g"), "u")).containsExactly(user);
  }

  @Test
  void othersFollowByPriorityThenScopeThenName() {
    Interceptor first = interceptor("z", -5, scope("v", null, "u"));
    Interceptor second = interceptor("y", 1, Scope.GLOBAL);
    Interceptor third = interceptor("b", 1, scope("v", null, null));
    Interceptor fourth = interceptor("c", 1, scope("v", null, null));
    Interceptor fifth = interceptor("a", 1, scope("v", "g", null));
    Interceptor last = interceptor("d", 7, Scope.GLOBAL);
    assertThat(
            scopes(last, fifth, fourth, third, second, first).interceptors("v", Set.of("g"), "u"))
        .containsExactly(first, second, third, fourth, fifth, last);
  }

  @Test
  void ofTwoGroupsTheLowerPriorityCounts() {
    Interceptor one = interceptor("a", 9, scope("v", "g", null));
    Interceptor other = interceptor("a", 1, scope("v", "h", null));
    assertThat(scopes(one, other).interceptors("v", Set.of("g", "h"), null)).containsExactly(other);
    Interceptor same = interceptor("a", 9, scope("v", "h", null));
    for (Scopes scopes : List.of(scopes(one, same), scopes(same, one))) {
      assertThat(scopes.interceptors("v", Set.of("g", "h"), null)).containsExactly(one);
    }
  }

  @Test
  void groupsAreThoseOfTheAccountAndOfItsGroupsElsewhere() {
    Memberships all =
        new Memberships(
            List.of(
                new Group("one", List.of(new User("v", "u")), List.of("X")),
                new Group("two", List.of(), List.of("X", "Y")),
                new Group("three", List.of(new User("passthrough", "u")), List.of())));
    assertThat(all.of("v", "u", List.of())).containsExactly("one");
    assertThat(all.of("v", "u", List.of("Y", "Z"))).containsExactly("one", "two");
    assertThat(all.of("v", "w", List.of("X"))).containsExactly("one", "two");
    assertThat(all.of(null, "u", List.of())).containsExactly("three");
  }

  /** Compares with an algorithm that looks at all interceptors. */
  @Test
  void randomCallersGetWhatAllInterceptorsSay() {
    Random random = new Random(42);
    for (int run = 0; run < 300; run++) {
      Map<Key, Resource> all = new LinkedHashMap<>();
      for (int i = random.nextInt(40); i > 0; i--) {
        Interceptor one =
            interceptor("n" + random.nextInt(6), random.nextInt(4), randomScope(random));
        all.put(one.key(), one);
      }
      Scopes scopes = new Snapshot(1, all).scopes();
      for (int i = 0; i < 20; i++) {
        String vCluster = "v" + random.nextInt(3);
        Set<String> groups = new TreeSet<>();
        for (int g = random.nextInt(4); g > 0; g--) {
          groups.add("g" + random.nextInt(3));
        }
        String username = random.nextInt(4) == 0 ? null : "u" + random.nextInt(3);
        assertThat(scopes.interceptors(vCluster, groups, username))
            .as("run %d: %s %s %s of %s", run, vCluster, groups, username, all.values())
            .isEqualTo(expected(all, vCluster, groups, username));
      }
    }
  }

  private static Scope randomScope(Random random) {
    String vCluster = random.nextInt(3) == 0 ? null : "v" + random.nextInt(3);
    return switch (random.nextInt(3)) {
      case 0 -> scope(vCluster, "g" + random.nextInt(3), null);
      case 1 -> scope(vCluster, null, "u" + random.nextInt(3));
      default -> scope(vCluster, null, null);
    };
  }

  private static List<Interceptor> expected(
      Map<Key, Resource> all, String vCluster, Set<String> groups, @Nullable String username) {
    List<Interceptor> concerned = new ArrayList<>();
    for (Resource resource : all.values()) {
      Interceptor one = (Interceptor) resource;
      Scope scope = one.scope();
      if ((scope.vCluster() == null || scope.vCluster().equals(vCluster))
          && (scope.group() == null || groups.contains(scope.group()))
          && (scope.username() == null || scope.username().equals(username))) {
        concerned.add(one);
      }
    }
    List<Interceptor> kept = new ArrayList<>();
    for (Interceptor one : concerned) {
      boolean replaced =
          concerned.stream()
              .anyMatch(other -> other.name().equals(one.name()) && beats(other, one));
      if (!replaced) {
        kept.add(one);
      }
    }
    kept.sort((a, b) -> {
      if (a.spec().priority() != b.spec().priority()) {
        return Integer.compare(a.spec().priority(), b.spec().priority());
      }
      int rank = Integer.compare(rank(a.scope()), rank(b.scope()));
      return rank != 0 ? rank : a.name().compareTo(b.name());
    });
    return kept;
  }

  /** The place in the list of the contract, where a virtual cluster narrows each of them. */
  private static int rank(Scope scope) {
    return List.of("global", "vCluster", "group", "group+vCluster", "username", "username+vCluster")
        .indexOf(
            scope.username() != null
                ? "username" + (scope.vCluster() == null ? "" : "+vCluster")
                : scope.group() != null
                    ? "group" + (scope.vCluster() == null ? "" : "+vCluster")
                    : scope.vCluster() == null ? "global" : "vCluster");
  }

  private static boolean beats(Interceptor winner, Interceptor loser) {
    if (rank(winner.scope()) != rank(loser.scope())) {
      return rank(winner.scope()) > rank(loser.scope());
    }
    if (winner.spec().priority() != loser.spec().priority()) {
      return winner.spec().priority() < loser.spec().priority();
    }
    String group = String.valueOf(winner.scope().group());
    return group.compareTo(String.valueOf(loser.scope().group())) < 0;
  }
}
