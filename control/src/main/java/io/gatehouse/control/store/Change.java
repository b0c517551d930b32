package io.gatehouse.control.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.control.kind.AccountPassword;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Label;
import io.gatehouse.control.kind.Resource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Resources to write and to delete.
 *
 * @param basedOn the revision it was validated against
 * @param by who has changed which resource: without those of whom that is not known
 */
public record Change(long basedOn, List<Resource> puts, List<Key> deletes, Map<Key, String> by) {

  /** Half of what a record may have, because it stays in the log as long as a part is needed. */
  private static final int PART_BYTES = KafkaStore.MAX_RECORD_BYTES / 2;

  private static final int SEPARATORS = 2;

  public Change {
    puts = List.copyOf(puts);
    deletes = List.copyOf(deletes);
    by = Map.copyOf(by);
  }

  /** A change of which nobody says who makes it. */
  public Change(long basedOn, List<Resource> puts, List<Key> deletes) {
    this(basedOn, puts, deletes, Map.of());
  }

  /** The same change, made by this user. */
  public Change by(String user) {
    Map<Key, String> users = new HashMap<>();
    puts.forEach(put -> users.put(put.key(), user));
    deletes.forEach(key -> users.put(key, user));
    return new Change(basedOn, puts, deletes, users);
  }

  /** All resources that it writes or deletes, with the user who changes it, or null. */
  Map<Key, @Nullable String> changed() {
    Map<Key, @Nullable String> changed = new LinkedHashMap<>();
    puts.forEach(put -> changed.put(put.key(), by.get(put.key())));
    deletes.forEach(key -> changed.put(key, by.get(key)));
    return changed;
  }

  /** Creates or replaces one resource. */
  public static Change put(Snapshot basedOn, Resource resource) {
    return new Change(basedOn.revision(), List.of(resource), List.of());
  }

  /** Deletes one resource. */
  public static Change delete(Snapshot basedOn, Key key) {
    return new Change(basedOn.revision(), List.of(), List.of(key));
  }

  /**
   * What to write first of a change that is too large for one record: what revokes something, then
   * what others refer to before them, and deletions last, in the opposite order. All of it if it is
   * small.
   */
  public Change firstPart() {
    Map<Key, Integer> places = new HashMap<>();
    puts.forEach(put -> places.putIfAbsent(owner(put), places.size()));
    List<Resource> ordered =
        puts.stream()
            .sorted(
                Comparator.comparingInt((Resource put) -> rank(owner(put).kind()))
                    .thenComparing(put -> places.getOrDefault(owner(put), 0)))
            .toList();
    // A label stays as long as its resource, so that this can still be found by it.
    List<Key> last =
        deletes.stream()
            .sorted(
                Comparator.comparingInt(
                    key -> key.kind() == Kind.LABEL ? Integer.MAX_VALUE : -rank(key.kind())))
            .toList();
    int left = PART_BYTES;
    List<Resource> firstPuts = new ArrayList<>();
    List<Key> firstDeletes = new ArrayList<>();
    for (Resource put : ordered) {
      left -= bytes(put.key(), LogRecord.put(put));
      if (left < 0 && !firstPuts.isEmpty()) {
        return new Change(basedOn, firstPuts, firstDeletes, by);
      }
      firstPuts.add(put);
    }
    for (Key key : last) {
      left -= bytes(key, LogRecord.delete(key));
      if (left < 0 && !(firstPuts.isEmpty() && firstDeletes.isEmpty())) {
        break;
      }
      firstDeletes.add(key);
    }
    return new Change(basedOn, firstPuts, firstDeletes, by);
  }

  private int bytes(Key key, String document) {
    return document.getBytes(UTF_8).length
        + LogRecord.by(by.get(key)).getBytes(UTF_8).length
        + SEPARATORS;
  }

  /** The resource without which an internal one is of no use. */
  private static Key owner(Resource resource) {
    return switch (resource) {
      case Label label -> label.of();
      case AccountPassword password -> new Key(Kind.SERVICE_ACCOUNT, password.id());
      default -> resource.key();
    };
  }

  private static int rank(Kind kind) {
    return switch (kind) {
      case REVOKED_TOKEN, REVOKED_ACCOUNT, TOKENS -> -1;
      default -> kind.ordinal();
    };
  }

  /** Whether nothing of another change is missing here. */
  public boolean isAsLargeAs(Change other) {
    return puts.size() == other.puts.size() && deletes.size() == other.deletes.size();
  }
}
