package io.gatehouse.gateway.cluster;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The names of a cluster's topics by their ids (KIP-516), as far as they were learned from
 * responses or asked for. An id never gets another name. Thread-safe.
 *
 * <p>Memory is bounded: when {@link #MAX_LEARNED} ids are known, the ones that were not used since
 * the last time are forgotten.
 */
public final class TopicIds {

  /** Maximum number of ids in each of two generations; each takes about 200 bytes. */
  static final int MAX_LEARNED = 50_000;

  /** Maximum number of ids that are known not to exist. */
  private static final int MAX_MISSING = 100_000;

  /** How long an id that does not exist is not asked for again. */
  private static final long MISSING_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** Asks the cluster. */
  public interface Lookup {
    /** The names of those of these topics that exist. Fails if the cluster does not answer. */
    Future<Map<UUID, String>> names(Collection<UUID> ids);
  }

  private final LongSupplier clock;
  private final ExistingTopics existing;
  private final OwnedTopics owned;
  private final CreatedTopics created;
  private volatile Map<UUID, String> recent = new ConcurrentHashMap<>();
  private volatile Map<UUID, String> older = Map.of();
  private volatile @Nullable Lookup lookup;

  private final Questions<UUID> questions = new Questions<>(this::ask);
  private final Map<UUID, Long> missing = new ConcurrentHashMap<>();

  public TopicIds() {
    this(System::nanoTime);
  }

  /**
   * With a clock of tests.
   *
   * @param clock in nanoseconds, from any beginning
   */
  TopicIds(LongSupplier clock) {
    this.clock = clock;
    this.existing = new ExistingTopics(clock);
    this.owned = new OwnedTopics(clock);
    this.created = new CreatedTopics(clock, existing);
  }

  /** Sets how the cluster is asked. Without, ids are only learned. */
  public void setLookup(Lookup how) {
    lookup = how;
  }

  /** Which topics exist. */
  public ExistingTopics existing() {
    return existing;
  }

  /** How many topics virtual clusters have. */
  public OwnedTopics owned() {
    return owned;
  }

  /** Creates topics for clients that ask for some that do not exist. */
  public CreatedTopics created() {
    return created;
  }

  /** The name of a topic, or null if the id is not known, or does not exist. */
  public @Nullable String name(UUID id) {
    String name = recent.get(id);
    if (name == null) {
      name = older.get(id);
      if (name != null) {
        learn(id, name);
      }
    }
    return name;
  }

  /** Notes a topic that a response names. */
  public void learn(UUID id, String name) {
    if (recent.putIfAbsent(id, name) == null && recent.size() > MAX_LEARNED) {
      synchronized (this) {
        if (recent.size() > MAX_LEARNED) {
          older = recent;
          recent = new ConcurrentHashMap<>();
        }
      }
    }
  }

  /** Whether the cluster should be asked for this id: it is not known, nor known to be missing. */
  public boolean isUnresolved(UUID id) {
    if (name(id) != null || lookup == null) {
      return false;
    }
    Long since = missing.get(id);
    return since == null || clock.getAsLong() - since > MISSING_NANOS;
  }

  /**
   * Asks the cluster for ids. When the result completes, which it does in any case, {@link
   * #isUnresolved} is false for each, unless too many others were asked for.
   */
  public Future<Void> resolve(Collection<UUID> ids) {
    return questions.ask(ids);
  }

  private Future<?> ask(List<UUID> asked) {
    Lookup how = lookup;
    if (how == null) {
      return ImmediateEventExecutor.INSTANCE.newSucceededFuture(null);
    }
    Promise<Void> noted = ImmediateEventExecutor.INSTANCE.newPromise();
    how.names(asked)
        .addListener((Future<Map<UUID, String>> answer) -> {
          Map<UUID, String> names = answer.isSuccess() ? answer.getNow() : Map.of();
          names.forEach(this::learn);
          // What the cluster could not be asked is asked again soon.
          long now = clock.getAsLong();
          long since = answer.isSuccess() ? now : now - MISSING_NANOS + RETRY_NANOS;
          for (UUID id : asked) {
            if (!names.containsKey(id)) {
              miss(id, since);
            }
          }
          noted.setSuccess(null);
        });
    return noted;
  }

  private synchronized void miss(UUID id, long since) {
    if (missing.size() > MAX_MISSING) {
      missing.clear();
    }
    missing.put(id, since);
  }
}
