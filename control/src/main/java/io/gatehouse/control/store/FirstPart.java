package io.gatehouse.control.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.control.kind.AccessRules;
import io.gatehouse.control.kind.AccountPassword;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Label;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.VirtualCluster;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds what to write first of a change that is too large for one record. Whatever is written
 * brings along what it needs, so the resources fit together after each part.
 */
final class FirstPart {

  /** Half of what a record may have, because it stays in the log as long as a part is needed. */
  private static final int MAX_BYTES = KafkaStore.MAX_RECORD_BYTES / 2;

  private static final int SEPARATORS = 2;

  private final Change change;
  private final Snapshot now;
  private final Map<Key, Resource> puts = new HashMap<>();
  private final Set<Key> deletes;
  private final Map<Key, Integer> sizes = new HashMap<>();

  /** What the change deletes or replaces, by what that refers to now. */
  private final Map<Key, List<Key>> referrers = new HashMap<>();

  private final Set<Key> taken = new HashSet<>();

  FirstPart(Change change, Snapshot now) {
    this.change = change;
    this.now = now;
    change.puts().forEach(put -> puts.put(put.key(), put));
    this.deletes = new HashSet<>(change.deletes());
    for (Key key : change.changed().keySet()) {
      Resource present = now.get(key);
      if (present != null) {
        References.referredBy(present)
            .forEach(to -> referrers.computeIfAbsent(to, _ -> new ArrayList<>()).add(key));
      }
    }
  }

  Change take() {
    List<Resource> orderedPuts = orderedPuts();
    List<Key> orderedDeletes = orderedDeletes();
    List<Key> order = new ArrayList<>();
    orderedPuts.stream()
        .map(Resource::key)
        .filter(key -> !comesWithDeletion(key))
        .forEach(order::add);
    order.addAll(orderedDeletes);
    int left = MAX_BYTES;
    for (Key key : order) {
      Set<Key> more = withNeeds(key, MAX_BYTES);
      int bytes = bytes(more);
      if (bytes > MAX_BYTES) {
        // Others may be what it needs, so that it becomes smaller.
        continue;
      }
      left -= bytes;
      if (left < 0) {
        break;
      }
      taken.addAll(more);
    }
    if (taken.isEmpty()) {
      taken.addAll(withNeeds(order.getFirst(), Integer.MAX_VALUE));
    }
    return new Change(
        change.basedOn(),
        orderedPuts.stream().filter(put -> taken.contains(put.key())).toList(),
        orderedDeletes.stream().filter(taken::contains).toList(),
        change.by());
  }

  /** What revokes something, then what others refer to before them. */
  private List<Resource> orderedPuts() {
    Map<Key, Integer> places = new HashMap<>();
    change.puts().forEach(put -> places.putIfAbsent(owner(put), places.size()));
    return change.puts().stream()
        .sorted(
            Comparator.comparingInt((Resource put) -> rank(owner(put).kind()))
                .thenComparing(put -> places.getOrDefault(owner(put), 0)))
        .toList();
  }

  /** In the opposite order; what is internal comes along with its resource. */
  private List<Key> orderedDeletes() {
    return change.deletes().stream()
        .sorted(Comparator.comparingInt(key -> key.kind().isOfUsers() ? -rank(key.kind()) : 1))
        .toList();
  }

  /** Whether it revokes the tokens of an account that is deleted, and not before that. */
  private boolean comesWithDeletion(Key key) {
    return key.kind() == Kind.REVOKED_ACCOUNT
        && deletes.contains(new Key(Kind.SERVICE_ACCOUNT, key.id()));
  }

  /** What must be in the same part unless it was in an earlier one; at least so much of it. */
  private Set<Key> withNeeds(Key key, int bytes) {
    Set<Key> found = new LinkedHashSet<>();
    Deque<Key> open = new ArrayDeque<>(List.of(key));
    int left = bytes;
    while (!open.isEmpty() && left >= 0) {
      Key next = open.remove();
      if ((puts.containsKey(next) || deletes.contains(next))
          && !taken.contains(next)
          && found.add(next)) {
        left -= bytes(next);
        open.addAll(needs(next));
      }
    }
    return found;
  }

  private List<Key> needs(Key key) {
    Resource put = puts.get(key);
    return put == null ? needsOfDeletion(key) : needsOfPut(put);
  }

  private List<Key> needsOfDeletion(Key key) {
    List<Key> needs = new ArrayList<>(referrers.getOrDefault(key, List.of()));
    if (key.kind().isOfUsers()) {
      needs.add(Label.keyOf(key));
    }
    if (key.kind() == Kind.SERVICE_ACCOUNT) {
      needs.add(new Key(Kind.REVOKED_ACCOUNT, key.id()));
      needs.add(new Key(Kind.ACCOUNT_PASSWORD, key.id()));
    }
    return needs;
  }

  /** What it refers to, and who has now what only one may have. */
  private List<Key> needsOfPut(Resource put) {
    List<Key> needs = new ArrayList<>(References.referredBy(put));
    if (put instanceof ServiceAccount account) {
      for (String name : account.externalNames()) {
        ServiceAccount other = now.otherWithExternalName(name, account);
        if (other != null) {
          needs.add(other.key());
        }
      }
    } else if (put instanceof VirtualCluster cluster) {
      now.all(VirtualCluster.class)
          .filter(other -> !other.name().equals(cluster.name()))
          .filter(other -> References.overlap(cluster, other))
          .forEach(other -> needs.add(other.key()));
    }
    return needs;
  }

  private int bytes(Set<Key> keys) {
    return keys.stream().mapToInt(this::bytes).sum();
  }

  private int bytes(Key key) {
    return sizes.computeIfAbsent(
        key,
        _ -> {
          Resource put = puts.get(key);
          String document = put == null ? LogRecord.delete(key) : LogRecord.put(put);
          return document.getBytes(UTF_8).length
              + LogRecord.by(change.by().get(key)).getBytes(UTF_8).length
              + SEPARATORS;
        });
  }

  /** The resource without which an internal one is of no use. */
  private static Key owner(Resource resource) {
    return switch (resource) {
      case Label label -> label.of();
      case AccountPassword password -> new Key(Kind.SERVICE_ACCOUNT, password.id());
      case AccessRules rules -> Key.of(Kind.VIRTUAL_CLUSTER, rules.virtualCluster());
      default -> resource.key();
    };
  }

  private static int rank(Kind kind) {
    return switch (kind) {
      case REVOKED_TOKEN, REVOKED_ACCOUNT, TOKENS -> -1;
      default -> kind.ordinal();
    };
  }
}
