package io.gatehouse.gateway.cluster;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which topics of a cluster exist, by their names at the brokers. What was asked is known for some
 * seconds. Thread-safe; memory is bounded.
 */
public final class ExistingTopics {

  /** Maximum number of names that are known; each takes about 200 bytes. */
  private static final int MAX_KNOWN = 50_000;

  /** How long a topic is known to exist: if it is deleted, a client may create it so long. */
  private static final long EXISTING_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final long MISSING_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier clock;
  private final Map<String, Answer> known = new ConcurrentHashMap<>();
  private final Questions<String> questions = new Questions<>(this::ask);
  private volatile @Nullable Lookup lookup;

  private record Answer(boolean exists, long until) {}

  /** Asks the cluster. */
  public interface Lookup {
    /** Those of these topics that exist. Fails if the cluster does not answer. */
    Future<Set<String>> existing(Collection<String> names);
  }

  /**
   * @param clock in nanoseconds, from any beginning
   */
  ExistingTopics(LongSupplier clock) {
    this.clock = clock;
  }

  /** Sets how the cluster is asked. */
  public void setLookup(Lookup how) {
    lookup = how;
  }

  /** Whether a topic exists; null if that is not known. */
  public @Nullable Boolean exists(String name) {
    Answer answer = known.get(name);
    if (answer == null || clock.getAsLong() - answer.until > 0) {
      return null;
    }
    return answer.exists;
  }

  /**
   * Asks the cluster for topics. When the result completes, which it does in any case, they are
   * known for a moment, unless too many others were asked for. Where the cluster did not answer,
   * they are taken to exist: it cannot create them either.
   */
  public Future<Void> ask(Collection<String> names) {
    return questions.ask(names);
  }

  /** Notes a topic that was created. */
  void created(String name) {
    learn(name, true, EXISTING_NANOS);
  }

  private Future<?> ask(List<String> asked) {
    Promise<Void> noted = ImmediateEventExecutor.INSTANCE.newPromise();
    Lookup how = lookup;
    if (how == null) {
      asked.forEach(name -> learn(name, true, MISSING_NANOS));
      return noted.setSuccess(null);
    }
    how.existing(asked)
        .addListener((Future<Set<String>> answer) -> {
          for (String name : asked) {
            boolean exists = !answer.isSuccess() || answer.getNow().contains(name);
            learn(name, exists, answer.isSuccess() && exists ? EXISTING_NANOS : MISSING_NANOS);
          }
          noted.setSuccess(null);
        });
    return noted;
  }

  private void learn(String name, boolean exists, long nanos) {
    if (known.size() >= MAX_KNOWN) {
      known.clear();
    }
    known.put(name, new Answer(exists, clock.getAsLong() + nanos));
  }
}
