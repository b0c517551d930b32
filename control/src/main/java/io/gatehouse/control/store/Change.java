package io.gatehouse.control.store;

import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import java.util.List;

/**
 * Resources to write and to delete.
 *
 * @param basedOn the revision it was validated against
 */
public record Change(long basedOn, List<Resource> puts, List<Key> deletes) {
  public Change {
    puts = List.copyOf(puts);
    deletes = List.copyOf(deletes);
  }

  /** Creates or replaces one resource. */
  public static Change put(Snapshot basedOn, Resource resource) {
    return new Change(basedOn.revision(), List.of(resource), List.of());
  }

  /** Deletes one resource. */
  public static Change delete(Snapshot basedOn, Key key) {
    return new Change(basedOn.revision(), List.of(), List.of(key));
  }
}
