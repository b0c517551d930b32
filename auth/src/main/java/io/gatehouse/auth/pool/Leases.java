package io.gatehouse.auth.pool;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** What one user of a {@link Pool} has opened and must release. */
public final class Leases implements AutoCloseable {

  private final Pool pool;
  private final SequencedMap<Source<?>, Object> taken = new LinkedHashMap<>();

  /** A copy for readers without the lock. */
  private volatile Map<Source<?>, Object> held = Map.of();

  Leases(Pool pool) {
    this.pool = pool;
  }

  /**
   * Opens what the source describes, unless it is already open. Blocks while it is being opened.
   *
   * @throws SourceException when it cannot be opened, with a message for the user
   */
  public synchronized <V> V get(Source<V> source) throws SourceException {
    if (!taken.containsKey(source)) {
      taken.put(source, pool.acquire(source));
      held = Map.copyOf(taken);
    }
    return held(source);
  }

  /**
   * Returns what {@link #get} opened before. Does not block.
   *
   * @throws IllegalStateException when it was not opened
   */
  @SuppressWarnings("unchecked") // a source opens what its type says
  public <V> V held(Source<V> source) {
    Object thing = held.get(source);
    if (thing == null) {
      throw new IllegalStateException("nothing was opened for " + source.getClass().getName());
    }
    return (V) thing;
  }

  /** Everything of a type that {@link #get} opened. */
  public <V> List<V> all(Class<V> kind) {
    return held.values().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Releases everything in reverse order. */
  @Override
  public synchronized void close() {
    for (Source<?> source : List.copyOf(taken.sequencedKeySet().reversed())) {
      taken.remove(source);
      pool.release(source);
    }
    held = Map.of();
  }
}
