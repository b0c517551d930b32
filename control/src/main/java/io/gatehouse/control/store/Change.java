package io.gatehouse.control.store;

import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
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
  public Map<Key, @Nullable String> changed() {
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
   * What to write first of a change that is too large for one record, with all that it needs: what
   * revokes something, then what others refer to before them, and deletions last, in the opposite
   * order. All of it if it is small.
   *
   * @param now the resources that it is based on
   */
  public Change firstPart(Snapshot now) {
    return new FirstPart(this, now).take();
  }

  /** Whether nothing of another change is missing here. */
  public boolean isAsLargeAs(Change other) {
    return puts.size() == other.puts.size() && deletes.size() == other.deletes.size();
  }
}
