package io.gatehouse.control.store;

import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rule by which all nodes read one log of changes, and what of the log may be removed.
 *
 * <p>In the order of the log, a change is accepted if it is based on the last accepted one, and
 * otherwise rejected, also if it is based on a revision that did not exist yet. A revision is the
 * offset of an accepted change plus one.
 *
 * <p>A record is removed by a tombstone of its key, which is unique, in a compacted topic. Removal
 * must not change what the rest of the log says, to any reader, however far compaction has come:
 *
 * <ol>
 *   <li>The last accepted change is not removed: it has the revision.
 *   <li>A rejected change is removed before the accepted changes because of which it was rejected.
 *       So a reader that does not see one of these sees the tombstone of the rejected change.
 *   <li>A resource's last change is not removed while it exists. A deletion is removed only after
 *       all older changes that wrote the resource.
 * </ol>
 *
 * <p>"Before" and "after" refer to tombstones in the log, so a tombstone counts when it was read,
 * not when it was sent. Not thread-safe.
 */
final class ChangeLog {

  private final Map<Key, Resource> resources = new LinkedHashMap<>();
  private final Map<Key, History> histories = new HashMap<>();

  /** Records without a tombstone, by their key. */
  private final Map<String, Entry> entries = new HashMap<>();

  /** Rejected changes, and accepted ones that are no longer needed, by offset. */
  private final NavigableMap<Long, Entry> rejected = new TreeMap<>();

  private final NavigableMap<Long, Entry> superseded = new TreeMap<>();

  /** What may have changed since it was last taken, and by whom as far as that is known. */
  private Map<Key, @Nullable String> changed = new LinkedHashMap<>();

  private @Nullable Entry last;
  private long revision;
  private LogRecord.@Nullable Origin origin;

  /** How many accepted records without a tombstone are not wholly readable here. */
  private int unreadable;

  /**
   * @param known what was known before the log is read from its beginning
   */
  ChangeLog(Snapshot known) {
    known.keys().forEach(key -> changed.put(key, null));
  }

  /** The changes of a resource that are in the log. */
  private static final class History {
    private Entry latest;
    private boolean deleted;

    /** How many changes that wrote the resource have no tombstone. */
    private int puts;

    History(Entry latest) {
      this.latest = latest;
    }
  }

  /** A record without a tombstone. */
  private static final class Entry {
    private final String key;
    private final long offset;
    private final long basedOn;
    private final Set<Key> puts;
    private final boolean deletes;
    private final boolean unreadable;

    /** How many of its resources need it. */
    private int needed;

    Entry(String key, long offset, LogRecord record, Set<Key> puts) {
      this.key = key;
      this.offset = offset;
      this.basedOn = record.change().basedOn();
      this.puts = puts;
      this.deletes = !record.change().deletes().isEmpty();
      // What is unreadable here may be needed by other versions.
      this.unreadable = !record.problems().isEmpty();
      this.needed = unreadable ? 1 : 0;
    }
  }

  /** The revision: one more than the offset of the last accepted change, 0 if there is none. */
  long revision() {
    return revision;
  }

  /** What this is a copy of, which its last change says; null if it is no copy. */
  LogRecord.@Nullable Origin origin() {
    return origin;
  }

  /** Whether there are resources that this version cannot read. */
  boolean hasUnreadable() {
    return unreadable > 0;
  }

  Snapshot snapshot() {
    return new Snapshot(revision, new LinkedHashMap<>(resources));
  }

  /** All that has changed since the last call of this, and maybe more. */
  Map<Key, @Nullable String> takeChanged() {
    Map<Key, @Nullable String> taken = changed;
    changed = new LinkedHashMap<>();
    return taken;
  }

  /** How many records are no longer needed and have no tombstone yet. */
  int garbage() {
    return rejected.size() + superseded.size();
  }

  /**
   * Reads the next record.
   *
   * @param key is unique
   * @return whether the change is accepted
   */
  boolean append(long offset, String key, LogRecord record) {
    Change change = record.change();
    if (change.basedOn() < revision || change.basedOn() > offset) {
      Entry entry = new Entry(key, offset, record, Set.of());
      entries.put(key, entry);
      rejected.put(offset, entry);
      return false;
    }
    Entry before = last;
    Set<Key> puts = new HashSet<>();
    change.puts().forEach(resource -> puts.add(resource.key()));
    Entry entry = new Entry(key, offset, record, Set.copyOf(puts));
    entries.put(key, entry);
    last = entry;
    revision = offset + 1;
    origin = record.origin();
    unreadable += entry.unreadable ? 1 : 0;
    changed.putAll(change.changed());
    for (Key deleted : change.deletes()) {
      resources.remove(deleted);
      if (!puts.contains(deleted)) {
        supersede(deleted, entry, /* deletes= */ true);
      }
    }
    for (Resource resource : change.puts()) {
      resources.put(resource.key(), resource);
    }
    puts.forEach(put -> supersede(put, entry, /* deletes= */ false));
    if (before != null) {
      addIfSuperseded(before);
    }
    return true;
  }

  private void supersede(Key resource, Entry by, boolean deletes) {
    History history = histories.get(resource);
    if (history == null) {
      if (deletes) {
        return; // nothing in the log has written it
      }
      history = new History(by);
      histories.put(resource, history);
    } else {
      noLongerNeeds(history.latest);
    }
    history.latest = by;
    history.deleted = deletes;
    history.puts += deletes ? 0 : 1;
    by.needed++;
  }

  private void noLongerNeeds(Entry entry) {
    entry.needed--;
    addIfSuperseded(entry);
  }

  @SuppressWarnings("ReferenceEquality") // an entry is one record
  private void addIfSuperseded(Entry entry) {
    if (entry.needed == 0 && entry != last && entries.containsKey(entry.key)) {
      superseded.put(entry.offset, entry);
    }
  }

  /** Reads the tombstone of a record. The resources stay as they are. */
  void remove(String key) {
    Entry entry = entries.remove(key);
    if (entry == null) {
      return;
    }
    if (rejected.remove(entry.offset) != null) {
      return;
    }
    superseded.remove(entry.offset);
    unreadable -= entry.unreadable ? 1 : 0;
    for (Key put : entry.puts) {
      History history = histories.get(put);
      if (history != null && --history.puts == 0 && history.deleted) {
        histories.remove(put);
        noLongerNeeds(history.latest);
      }
    }
  }

  /**
   * Keys of records that may get a tombstone now, in the order of the log.
   *
   * @param writer the beginning of the keys of one writer
   * @param others the offset below which those of other writers are included
   */
  List<String> removable(String writer, long others, int most) {
    List<String> keys = new ArrayList<>();
    long oldestBase = Long.MAX_VALUE;
    for (Entry entry : rejected.values()) {
      oldestBase = Math.min(oldestBase, entry.basedOn);
      if (keys.size() < most && isFor(entry, writer, others)) {
        keys.add(entry.key);
      }
    }
    for (Entry entry : superseded.values()) {
      if (keys.size() == most || entry.offset >= oldestBase) {
        break;
      }
      // An unreadable record may have written what this one deletes.
      boolean keepsDeleted = entry.deletes && unreadable > 0;
      if (isFor(entry, writer, others) && !keepsDeleted) {
        keys.add(entry.key);
      }
    }
    return keys;
  }

  private static boolean isFor(Entry entry, String writer, long others) {
    return entry.offset < others || entry.key.startsWith(writer);
  }
}
