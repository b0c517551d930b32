package io.gatehouse.control.store;

import io.gatehouse.auth.User;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.ServiceAccount;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All resources of one revision, in the order of their creation. */
public final class Snapshot {

  static final Snapshot EMPTY = new Snapshot(0, new LinkedHashMap<>());

  private final long revision;
  private final Map<Key, Resource> resources;
  private final Map<String, ServiceAccount> externalNames = new HashMap<>();

  Snapshot(long revision, Map<Key, Resource> resources) {
    this.revision = revision;
    this.resources = Collections.unmodifiableMap(resources);
    for (Resource resource : resources.values()) {
      if (resource instanceof ServiceAccount account) {
        account.externalNames().forEach(name -> externalNames.put(name, account));
      }
    }
  }

  /** Increases with each change. Every process starts from 1. */
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

  public Stream<Resource> all() {
    return resources.values().stream();
  }

  /** All resources of a type. */
  public <R extends Resource> Stream<R> all(Class<R> type) {
    return all().filter(type::isInstance).map(type::cast);
  }

  /** The account with this external name, or null. */
  public @Nullable ServiceAccount withExternalName(String name) {
    return externalNames.get(name);
  }

  /** The members of a group for which no account exists. */
  public List<User> missingMembers(Group group) {
    return group.members().stream()
        .filter(member -> !resources.containsKey(new Key(Kind.SERVICE_ACCOUNT, member)))
        .toList();
  }

  /** The resources after a change. */
  public Snapshot with(Change change) {
    Map<Key, Resource> next = new LinkedHashMap<>(resources);
    change.deletes().forEach(next::remove);
    change.puts().forEach(resource -> next.put(resource.key(), resource));
    return new Snapshot(revision + 1, next);
  }
}
