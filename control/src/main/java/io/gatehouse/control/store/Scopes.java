package io.gatehouse.control.store;

import io.gatehouse.control.kind.Interceptor;
import io.gatehouse.control.kind.Scope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which interceptors handle the traffic of a client. They are kept by scope, so the time for an
 * answer depends on those that concern the client, not on all there are.
 */
public final class Scopes {

  /** Of two interceptors with one name, the later one in this order replaces the other. */
  private static final Comparator<Interceptor> BY_PRECEDENCE =
      Comparator.comparingInt((Interceptor one) -> one.scope().specificity())
          .thenComparing(one -> one.spec().priority(), Comparator.reverseOrder())
          .thenComparing(one -> String.valueOf(one.scope().group()), Comparator.reverseOrder());

  private static final Comparator<Interceptor> BY_ORDER =
      Comparator.comparingInt((Interceptor one) -> one.spec().priority())
          .thenComparingInt(one -> one.scope().specificity())
          .thenComparing(Interceptor::name);

  private final Map<Scope, List<Interceptor>> interceptors = new HashMap<>();

  Scopes(Snapshot snapshot) {
    snapshot.all(Interceptor.class).forEach(one -> add(interceptors, one.scope(), one));
  }

  static <K, V> void add(Map<K, List<V>> map, K key, V value) {
    map.computeIfAbsent(key, _ -> new ArrayList<>(1)).add(value);
  }

  /**
   * The interceptors of a client, in the order in which they handle requests. Of several with one
   * name, the one with the most specific scope counts: username, then group, virtual cluster, and
   * none. Within two groups, it is the one with the lower priority. Those with lower priorities
   * come first, then those with less specific scopes.
   *
   * @param username null for none
   */
  public List<Interceptor> interceptors(
      String vCluster, Collection<String> groups, @Nullable String username) {
    Map<String, Interceptor> byName = new HashMap<>();
    for (String cluster : new @Nullable String[] {null, vCluster}) {
      collect(new Scope(cluster, null, null), byName);
      groups.forEach(group -> collect(new Scope(cluster, group, null), byName));
      if (username != null) {
        collect(new Scope(cluster, null, username), byName);
      }
    }
    return byName.values().stream().sorted(BY_ORDER).toList();
  }

  private void collect(Scope scope, Map<String, Interceptor> byName) {
    for (Interceptor one : interceptors.getOrDefault(scope, List.of())) {
      byName.merge(
          one.name(),
          one,
          (known, other) -> BY_PRECEDENCE.compare(known, other) < 0 ? other : known);
    }
  }
}
