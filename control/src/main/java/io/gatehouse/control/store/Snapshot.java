package io.gatehouse.control.store;

import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.ServiceAccount;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All resources of one revision, in the order of their creation. */
public final class Snapshot {

  static final Snapshot EMPTY = new Snapshot(0, new LinkedHashMap<>());

  private final long revision;
  private final Map<Key, Resource> resources;
  private final Map<Class<?>, List<Resource>> byType = new HashMap<>();
  private final Map<String, ServiceAccount> externalNames = new HashMap<>();

  /** Second accounts with an external name, of snapshots that are only to be checked. */
  private final Map<String, ServiceAccount> sharedNames = new HashMap<>();

  private volatile @Nullable Scopes scopes;
  private volatile @Nullable Memberships memberships;

  Snapshot(long revision, Map<Key, Resource> resources) {
    this.revision = revision;
    this.resources = Collections.unmodifiableMap(resources);
    for (Resource resource : resources.values()) {
      byType.computeIfAbsent(resource.getClass(), _ -> new ArrayList<>()).add(resource);
      if (resource instanceof ServiceAccount account) {
        for (String name : account.externalNames()) {
          ServiceAccount other = externalNames.put(name, account);
          if (other != null) {
            sharedNames.put(name, other);
          }
        }
      }
    }
  }

  /** Increases with each change. It begins anew with the process unless the store is shared. */
  public long revision() {
    return revision;
  }

  public @Nullable Resource get(Key key) {
    return resources.get(key);
  }

  /** The resource with this key, or null if there is none of this type. */
  public <R extends Resource> @Nullable R get(Key key, Class<R> type) {
    return type.isInstance(resources.get(key)) ? type.cast(resources.get(key)) : null;
  }

  Set<Key> keys() {
    return resources.keySet();
  }

  public Stream<Resource> all() {
    return resources.values().stream();
  }

  /** All resources of a type. */
  public <R extends Resource> Stream<R> all(Class<R> type) {
    return byType.getOrDefault(type, List.of()).stream().map(type::cast);
  }

  /** The account with this external name, or null. */
  public @Nullable ServiceAccount withExternalName(String name) {
    return externalNames.get(name);
  }

  /** An account with this external name other than the given one, or null. */
  @Nullable ServiceAccount otherWithExternalName(String name, ServiceAccount account) {
    ServiceAccount one = externalNames.get(name);
    return one != null && one.id().equals(account.id()) ? sharedNames.get(name) : one;
  }

  /** Which interceptors are for which clients. Computed at the first call. */
  public Scopes scopes() {
    Scopes known = scopes;
    if (known == null) {
      known = new Scopes(this);
      scopes = known;
    }
    return known;
  }

  /** Which clients belong to which groups. Computed at the first call. */
  public Memberships memberships() {
    Memberships known = memberships;
    if (known == null) {
      known = new Memberships(all(Group.class).toList());
      memberships = known;
    }
    return known;
  }

  /** Whether there is a virtual cluster with this name. */
  public boolean hasVirtualCluster(String name) {
    return name.equals(Key.PASSTHROUGH)
        || resources.containsKey(Key.of(Kind.VIRTUAL_CLUSTER, name));
  }

  /** The same resources as those of another revision. */
  Snapshot at(long other) {
    return new Snapshot(other, resources);
  }

  /** The resources after a change. */
  public Snapshot with(Change change) {
    Map<Key, Resource> next = new LinkedHashMap<>(resources);
    change.deletes().forEach(next::remove);
    change.puts().forEach(resource -> next.put(resource.key(), resource));
    return new Snapshot(revision + 1, next);
  }
}
