package io.gatehouse.control.store;

import io.gatehouse.control.doc.JsonText;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The last changes of users' resources that this process has seen, in memory. A store cannot tell
 * them later, because it keeps only what is in force.
 */
public final class RecentChanges {

  static final int MAX_CHANGES = 1000;

  /** Of all documents together, as JSON. */
  private static final long MAX_CHARS = 2 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();

  // Guarded by the lock.
  private final Deque<Seen> seen = new ArrayDeque<>();
  private long chars;
  private long after;
  private Snapshot last;

  /**
   * A change of one resource. Changes that were read together have one revision, and a resource one
   * change there.
   *
   * @param time when this process has seen it
   * @param by the user who made it, or null if that is not known
   */
  public record Seen(
      long revision, Instant time, @Nullable String by, Key key, Versions versions) {}

  /**
   * What a change is about.
   *
   * @param before null if the resource is new
   * @param now null if it is deleted
   */
  public record Versions(@Nullable Resource before, @Nullable Resource now) {

    private int chars() {
      return chars(before) + chars(now);
    }

    private static int chars(@Nullable Resource resource) {
      return resource == null ? 0 : JsonText.of(resource.document(true)).length();
    }
  }

  /**
   * Some changes in their order.
   *
   * @param after all changes after this revision are there
   * @param revision the last revision
   */
  public record Part(long after, long revision, List<Seen> changes) {

    /** The same without other changes than these. */
    public Part of(Predicate<Seen> these) {
      return new Part(after, revision, changes.stream().filter(these).toList());
    }
  }

  RecentChanges(Snapshot first) {
    last = first;
    after = first.revision();
  }

  /** Begins with what was there before this process, which is no change. */
  void start(Snapshot first) {
    lock.lock();
    try {
      seen.clear();
      chars = 0;
      last = first;
      after = first.revision();
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * @param changed at least all resources that are not as before, with the user who has changed it,
   *     or null
   */
  void add(Snapshot next, Map<Key, @Nullable String> changed) {
    lock.lock();
    try {
      Snapshot before = last;
      last = next;
      changed.forEach(
          (key, by) -> add(next.revision(), by, key, new Versions(before.get(key), next.get(key))));
      while (seen.size() > MAX_CHANGES || chars > MAX_CHARS) {
        Seen oldest = seen.removeFirst();
        chars -= oldest.versions.chars();
        after = oldest.revision;
      }
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void add(long revision, @Nullable String by, Key key, Versions versions) {
    if (key.kind().isOfUsers() && !Objects.equals(versions.before, versions.now)) {
      chars += versions.chars();
      seen.addLast(new Seen(revision, Instant.now(), by, key, versions));
    }
  }

  /** All that is held. */
  public Part all() {
    lock.lock();
    try {
      return new Part(after, last.revision(), List.copyOf(seen));
    } finally {
      lock.unlock();
    }
  }

  /**
   * The changes after a revision.
   *
   * @param most how long to wait for a later revision
   * @return null if not all of them are held, or if the revision is not reached
   */
  public @Nullable Part after(long revision, Duration most) throws InterruptedException {
    long left = most.toNanos();
    lock.lockInterruptibly();
    try {
      while (last.revision() <= revision && left > 0) {
        left = more.awaitNanos(left);
      }
      if (revision < after || revision > last.revision()) {
        return null;
      }
      return new Part(revision, last.revision(), List.copyOf(seen))
          .of(one -> one.revision > revision);
    } finally {
      lock.unlock();
    }
  }
}
