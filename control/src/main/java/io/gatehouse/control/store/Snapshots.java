package io.gatehouse.control.store;

import io.gatehouse.control.kind.Key;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The current snapshot of a store, and those who wait for a later one. */
public final class Snapshots {

  private static final Logger log = LoggerFactory.getLogger(Snapshots.class);

  /** More than a snapshot takes to become the current one after its changes are known. */
  private static final Duration PUBLISHED = Duration.ofSeconds(1);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition later = lock.newCondition();
  private final List<Consumer<Snapshot>> listeners = new CopyOnWriteArrayList<>();
  private final RecentChanges recent;
  private volatile Snapshot current;

  Snapshots(Snapshot first) {
    current = first;
    recent = new RecentChanges(first);
  }

  /** The last changes. */
  public RecentChanges recent() {
    return recent;
  }

  /**
   * The changes after a revision, which are in the current snapshot too when this returns.
   *
   * @param most see {@link RecentChanges#after}
   */
  public RecentChanges.@Nullable Part changesAfter(long revision, Duration most)
      throws InterruptedException {
    RecentChanges.Part part = recent.after(revision, most);
    if (part != null) {
      var _ = await(part.revision(), PUBLISHED);
    }
    return part;
  }

  /** Never blocks. */
  public Snapshot current() {
    return current;
  }

  /**
   * Only one thread at a time.
   *
   * @param changed at least all resources that are not as before, with the user who has changed it,
   *     or null
   * @param first whether this was stored before the process started, so that nothing has changed
   */
  void publish(Snapshot next, Map<Key, @Nullable String> changed, boolean first) {
    if (first) {
      recent.start(next);
    } else {
      recent.add(next, changed);
    }
    lock.lock();
    try {
      current = next;
      later.signalAll();
    } finally {
      lock.unlock();
    }
    for (Consumer<Snapshot> listener : listeners) {
      try {
        listener.accept(next);
      } catch (RuntimeException | Error e) {
        log.error("Revision {} was not applied everywhere", next.revision(), e);
      }
    }
  }

  /** The same where nobody says what has changed. */
  void publishWhole(Snapshot next, boolean first) {
    Map<Key, @Nullable String> any = new LinkedHashMap<>();
    current.keys().forEach(key -> any.put(key, null));
    next.keys().forEach(key -> any.put(key, null));
    publish(next, any, first);
  }

  /**
   * Waits for a revision.
   *
   * @return the current snapshot, which is older if the time was too short
   */
  public Snapshot await(long revision, Duration most) throws InterruptedException {
    long left = most.toNanos();
    lock.lockInterruptibly();
    try {
      while (current.revision() < revision && left > 0) {
        left = later.awaitNanos(left);
      }
      return current;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Calls a listener with each snapshot that is published from now on, on the thread that publishes
   * it, so it must not block. It may be called once with a snapshot that the caller knows already.
   *
   * @return ends the calls
   */
  public Runnable onChange(Consumer<Snapshot> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
