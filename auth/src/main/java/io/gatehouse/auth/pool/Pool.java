package io.gatehouse.auth.pool;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Open resources by their source, with reference counts. */
public final class Pool implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Pool.class);

  /** In the order of opening: what a resource uses was opened before it. */
  private final SequencedMap<Source<?>, Shared> open = new LinkedHashMap<>();

  private static final class Shared {
    private final Object thing;
    private final Leases parts;
    private int users;

    Shared(Object thing, Leases parts) {
      this.thing = thing;
      this.parts = parts;
    }
  }

  /** Leases for a new user of the pool. */
  public Leases leases() {
    return new Leases(this);
  }

  /** The number of open resources. */
  public synchronized int size() {
    return open.size();
  }

  /** Adds what is open already. It is closed with the pool. */
  public synchronized <V> void provide(Source<V> source, V thing) {
    Shared shared = new Shared(thing, leases());
    shared.users++;
    open.put(source, shared);
  }

  synchronized Object acquire(Source<?> source) throws SourceException {
    Shared shared = open.get(source);
    if (shared == null) {
      Leases parts = leases();
      try {
        shared = new Shared(source.open(parts), parts);
      } catch (IllegalArgumentException e) {
        parts.close();
        throw new SourceException(e);
      } catch (SourceException | RuntimeException e) {
        parts.close();
        throw e;
      }
      open.put(source, shared);
    }
    shared.users++;
    return shared.thing;
  }

  synchronized void release(Source<?> source) {
    Shared shared = open.get(source);
    if (shared == null || --shared.users > 0) {
      return;
    }
    open.remove(source);
    end(source, shared);
    shared.parts.close();
  }

  /** Closes everything, even if it is in use, in reverse order. */
  @Override
  public synchronized void close() {
    List<Map.Entry<Source<?>, Shared>> all = List.copyOf(open.reversed().entrySet());
    open.clear();
    all.forEach(one -> end(one.getKey(), one.getValue()));
  }

  private static void end(Source<?> source, Shared shared) {
    if (shared.thing instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        log.warn("{} does not end as it should", source.getClass().getName(), e);
      }
    }
  }
}
