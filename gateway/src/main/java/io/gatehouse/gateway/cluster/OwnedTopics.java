package io.gatehouse.gateway.cluster;

import io.gatehouse.wire.ErrorCode;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How many topics and partitions virtual clusters have, so that they get no more than they may. The
 * cluster is asked for those of one when some are to be created. What was granted here counts
 * before the cluster tells of it, so that concurrent requests to this gateway do not get more
 * together. Thread-safe.
 */
public final class OwnedTopics {

  /** How old a count may be by which something is granted. */
  private static final long GRANTS_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** The same by which something is refused: topics may have been deleted to make room. */
  private static final long REFUSES_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** How long something granted counts of which no response tells what became of it. */
  private static final long GRANTED_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** How long brokers may take to tell of what was created. */
  private static final long CREATED_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final int ALREADY_EXISTS = 36;

  private final LongSupplier clock;
  private final Map<String, Owned> byPrefix = new ConcurrentHashMap<>();
  private final Questions<String> questions = new Questions<>(this::ask);
  private volatile @Nullable Lookup lookup;

  /** Asks the cluster. */
  public interface Lookup {
    /**
     * The numbers of partitions of all topics whose names begin like this, by name. Fails if the
     * cluster does not answer.
     */
    Future<Map<String, Integer>> owned(String prefix);
  }

  /** What all topics together can have. */
  public record Most(int topics, int partitions) {}

  /** Whether there is room for a topic. */
  public sealed interface Room {

    /**
     * There is, and it is granted.
     *
     * @param now whether nothing was granted to the topic before
     */
    record Granted(boolean now) implements Room {}

    /** The cluster must be asked first. */
    record Unknown() implements Room {}

    /** The cluster does not answer. */
    record Unanswered() implements Room {}

    /**
     * There is none.
     *
     * @param ofTopics whether there are too many topics, or else partitions
     */
    record Exceeded(boolean ofTopics, int present) implements Room {}
  }

  /**
   * @param clock in nanoseconds, from any beginning
   */
  OwnedTopics(LongSupplier clock) {
    this.clock = clock;
  }

  /** Sets how the cluster is asked. */
  public void setLookup(Lookup how) {
    lookup = how;
  }

  /**
   * Asks the cluster for the topics of a virtual cluster. When the result completes, which it does
   * in any case, they are known for a moment.
   */
  public Future<Void> ask(String prefix) {
    return questions.ask(List.of(prefix));
  }

  private Future<?> ask(List<String> prefixes) {
    Promise<Void> noted = ImmediateEventExecutor.INSTANCE.newPromise();
    AtomicInteger left = new AtomicInteger(prefixes.size());
    for (String prefix : prefixes) {
      Lookup how = lookup;
      Future<Map<String, Integer>> answer =
          how == null
              ? ImmediateEventExecutor.INSTANCE.newFailedFuture(new IllegalStateException("idle"))
              : how.owned(prefix);
      answer.addListener((Future<Map<String, Integer>> told) -> {
        of(prefix).learn(told.isSuccess() ? told.getNow() : null, clock.getAsLong());
        if (left.decrementAndGet() == 0) {
          noted.setSuccess(null);
        }
      });
    }
    return noted;
  }

  /**
   * Grants room for a new topic, or for more partitions of one, by its name at the brokers.
   *
   * @param partitions how many the topic is to have; -1 for the brokers' default, of which one
   *     counts until the cluster tells of them
   * @param grows whether the topic must exist; brokers refuse it otherwise
   */
  public Room grant(String prefix, Most most, String topic, int partitions, boolean grows) {
    return of(prefix).grant(most, topic, Math.max(1, partitions), grows, clock.getAsLong());
  }

  /** Takes back what was granted to a topic. */
  public void release(String prefix, String topic) {
    of(prefix).release(topic);
  }

  /**
   * A broker has answered a request for which room was granted.
   *
   * @param errorCode 0 if the topic, or its partitions, were created
   */
  public void answered(String prefix, String topic, int errorCode) {
    if (errorCode == ErrorCode.NONE.number()) {
      of(prefix).created(topic, clock.getAsLong());
    } else if (errorCode == ALREADY_EXISTS) {
      of(prefix).exists(topic);
    } else if (errorCode != ErrorCode.LEADER_NOT_AVAILABLE.number()
        && errorCode != ErrorCode.REQUEST_TIMED_OUT.number()) { // or it may have been created
      of(prefix).release(topic);
    }
  }

  private Owned of(String prefix) {
    return byPrefix.computeIfAbsent(prefix, _ -> new Owned());
  }

  /** The topics of one virtual cluster. */
  private static final class Owned {

    private record Grant(int partitions, long until) {}

    // All guarded by this.
    private @Nullable Map<String, Integer> counted;
    private boolean asked;
    private long askedAt;

    /** The partitions that topics are to have, until the cluster tells of them. */
    private final Map<String, Grant> granted = new HashMap<>();

    private int topics;
    private int partitions;

    /**
     * @param told null if the cluster did not answer
     */
    synchronized void learn(@Nullable Map<String, Integer> told, long now) {
      asked = true;
      askedAt = now;
      counted = told;
      granted.values().removeIf(one -> now - one.until > 0);
      if (told != null) {
        topics = told.size();
        partitions = told.values().stream().mapToInt(Integer::intValue).sum();
        granted.forEach((topic, one) -> add(topic, 0, one.partitions));
      }
    }

    /** Counts what a topic gets beyond what it had when the cluster was asked. */
    private void add(String topic, int before, int after) {
      int known = counted(topic);
      topics += known == 0 && before == 0 ? 1 : 0;
      partitions += Math.max(known, after) - Math.max(known, before);
    }

    private int counted(String topic) {
      return counted == null ? 0 : counted.getOrDefault(topic, 0);
    }

    synchronized Room grant(Most most, String topic, int wanted, boolean grows, long now) {
      if (!asked || now - askedAt > GRANTS_NANOS) {
        return new Room.Unknown();
      }
      if (counted == null) {
        return new Room.Unanswered();
      }
      Grant grant = granted.get(topic);
      int before = grant == null ? 0 : grant.partitions;
      int present = Math.max(counted(topic), before);
      // A topic that was counted may have been deleted since.
      if ((grows && present == 0) || wanted <= present) {
        return new Room.Granted(false);
      }
      boolean tooManyTopics = present == 0 && topics >= most.topics;
      if (tooManyTopics || wanted - present > most.partitions - partitions) {
        return now - askedAt > REFUSES_NANOS
            ? new Room.Unknown()
            : new Room.Exceeded(tooManyTopics, tooManyTopics ? topics : partitions);
      }
      add(topic, before, wanted);
      granted.put(topic, new Grant(wanted, now + GRANTED_NANOS));
      return new Room.Granted(grant == null);
    }

    synchronized void release(String topic) {
      Grant grant = granted.remove(topic);
      if (grant != null) {
        int known = counted(topic);
        topics -= known == 0 ? 1 : 0;
        partitions -= Math.max(known, grant.partitions) - known;
      }
    }

    /** Nothing was created. Unless it is counted, somebody else was granted it. */
    synchronized void exists(String topic) {
      if (counted(topic) > 0) {
        release(topic);
      }
    }

    synchronized void created(String topic, long now) {
      granted.computeIfPresent(
          topic, (_, grant) -> new Grant(grant.partitions, now + CREATED_NANOS));
    }
  }
}
