package io.gatehouse.control;

import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.kind.AccessRules;
import io.gatehouse.control.kind.Acl;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.store.Change;
import io.gatehouse.control.store.Snapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The access rules of a virtual cluster that its clients change with Kafka's requests. Who may do
 * so is not decided here.
 *
 * @param virtualCluster its name, or {@link Key#PASSTHROUGH}
 */
public record ClientAcls(Supplier<Administration> administration, String virtualCluster) {

  /** The largest number of rules. They take about 100 bytes each in a store. */
  public static final int MAX_RULES = 50_000;

  /** The rules of a virtual cluster in this snapshot. */
  public static Stream<AccessRules> of(String virtualCluster, Snapshot now) {
    return now.all(AccessRules.class).filter(part -> part.virtualCluster().equals(virtualCluster));
  }

  /**
   * Adds rules, all or none. Those that exist already stay.
   *
   * @param user who adds them
   */
  public void create(String user, Collection<Acl> rules) throws Refusal {
    try {
      AccessRules.check(rules);
    } catch (InvalidException e) {
      throw new Refusal(
          Reason.INVALID,
          "A rule cannot be stored",
          "A rule cannot be stored, because of its names: " + String.join("; ", e.problems()));
    }
    Map<Integer, List<Acl>> byPart = new TreeMap<>();
    new LinkedHashSet<>(rules)
        .forEach(rule ->
            byPart.computeIfAbsent(AccessRules.partOf(rule), _ -> new ArrayList<>()).add(rule));
    write(
        user,
        now -> {
          List<Resource> puts = new ArrayList<>();
          int more = 0;
          for (Map.Entry<Integer, List<Acl>> added : byPart.entrySet()) {
            AccessRules before = part(added.getKey(), now);
            AccessRules after = before.with(added.getValue());
            if (!after.equals(before)) {
              puts.add(after);
              more += after.rules().size() - before.rules().size();
            }
          }
          requireRoom(more, now);
          return new Change(now.revision(), puts, List.of());
        });
  }

  private AccessRules part(int part, Snapshot now) {
    AccessRules known = now.get(AccessRules.keyOf(virtualCluster, part), AccessRules.class);
    return known == null ? new AccessRules(virtualCluster, part, List.of()) : known;
  }

  private void requireRoom(int more, Snapshot now) throws Refusal {
    int present = of(virtualCluster, now).mapToInt(part -> part.rules().size()).sum();
    if (more > 0 && present + more > MAX_RULES) {
      throw new Refusal(
          Reason.CONFLICT,
          "Too many access rules",
          "A virtual cluster can have %d rules; there are %d, and these would be %d more."
              .formatted(MAX_RULES, present, more));
    }
  }

  /**
   * Removes rules, all or none.
   *
   * @param user who removes them
   * @return for each filter, the rules that it has selected
   */
  public List<List<Acl>> delete(String user, List<? extends Predicate<Acl>> filters)
      throws Refusal {
    List<List<Acl>> selected = new ArrayList<>();
    write(
        user,
        now -> {
          selected.clear();
          filters.forEach(_ -> selected.add(new ArrayList<>()));
          List<Resource> puts = new ArrayList<>();
          List<Key> deletes = new ArrayList<>();
          of(virtualCluster, now)
              .forEach(part -> {
                List<Acl> left = new ArrayList<>();
                for (Acl rule : part.rules()) {
                  if (!select(rule, filters, selected)) {
                    left.add(rule);
                  }
                }
                if (left.isEmpty()) {
                  deletes.add(part.key());
                } else if (left.size() < part.rules().size()) {
                  puts.add(new AccessRules(virtualCluster, part.part(), left));
                }
              });
          return new Change(now.revision(), puts, deletes);
        });
    return selected;
  }

  private static boolean select(
      Acl rule, List<? extends Predicate<Acl>> filters, List<List<Acl>> selected) {
    boolean any = false;
    for (int i = 0; i < filters.size(); i++) {
      if (filters.get(i).test(rule)) {
        selected.get(i).add(rule);
        any = true;
      }
    }
    return any;
  }

  private interface Judging {
    Change judge(Snapshot now) throws Refusal;
  }

  private void write(String user, Judging judging) throws Refusal {
    administration
        .get()
        .as(new Actor(user, Rights.ADMIN))
        .write(now -> {
          if (!now.hasVirtualCluster(virtualCluster)) {
            throw Administration.missing(Key.of(Kind.VIRTUAL_CLUSTER, virtualCluster));
          }
          Change change = judging.judge(now);
          return change.puts().isEmpty() && change.deletes().isEmpty() ? null : change;
        });
  }

  /** The rules of virtual clusters that are deleted. */
  static List<Key> ofDeleted(List<Key> deleted, Snapshot now) {
    Set<String> clusters = new LinkedHashSet<>();
    for (Key key : deleted) {
      if (key.kind() == Kind.VIRTUAL_CLUSTER) {
        clusters.add(key.id().name());
      }
    }
    return now.all(AccessRules.class)
        .filter(part -> clusters.contains(part.virtualCluster()))
        .map(Resource::key)
        .toList();
  }
}
