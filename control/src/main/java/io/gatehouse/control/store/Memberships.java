package io.gatehouse.control.store;

import io.gatehouse.auth.User;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which clients belong to which groups. The time for an answer does not depend on other groups. */
public final class Memberships {

  private final List<Group> groups;
  private final Map<User, List<String>> byMember = new HashMap<>();
  private final Map<String, List<String>> byExternal = new HashMap<>();

  public Memberships(List<Group> groups) {
    this.groups = List.copyOf(groups);
    for (Group group : groups) {
      group.members().forEach(member -> Scopes.add(byMember, member, group.name()));
      group.externalGroups().forEach(name -> Scopes.add(byExternal, name, group.name()));
    }
  }

  /** Of which groups these are the memberships. */
  public boolean areOf(List<Group> others) {
    return groups.equals(others);
  }

  /**
   * The groups of a client: those that its account is a member of, and those that one of its groups
   * at an identity provider or in a directory belongs to.
   *
   * @param vCluster null for passthrough
   */
  public SortedSet<String> of(
      @Nullable String vCluster, String username, Collection<String> externalGroups) {
    User account = new User(vCluster == null ? Key.PASSTHROUGH : vCluster, username);
    SortedSet<String> found = new TreeSet<>(byMember.getOrDefault(account, List.of()));
    externalGroups.forEach(name -> found.addAll(byExternal.getOrDefault(name, List.of())));
    return found;
  }
}
