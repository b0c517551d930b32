package io.gatehouse.gateway.cluster;

import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.tree.Struct;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Creates topics that clients ask for and that do not exist, instead of brokers, which would do it
 * by their own defaults. Thread-safe; memory is bounded.
 */
public final class CreatedTopics {

  private static final int MAX_FAILED = 10_000;

  /** How long it is not tried again: clients ask many times a second. */
  private static final long FAILED_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final int ALREADY_EXISTS = 36;

  private static final Failure UNANSWERED =
      new Failure(ErrorCode.LEADER_NOT_AVAILABLE.number(), null);

  private final LongSupplier clock;
  private final ExistingTopics existing;
  private final Map<String, Failed> failed = new ConcurrentHashMap<>();
  private final Questions<NewTopic> questions = new Questions<>(this::ask);
  private volatile @Nullable Creator creator;

  /** Asks the cluster. */
  public interface Creator {
    /** Creates topics and tells which were not. Fails if the cluster does not answer. */
    Future<Map<String, Failure>> create(Collection<NewTopic> topics);
  }

  /**
   * A topic to create.
   *
   * @param name at the brokers
   * @param partitions -1 for the brokers' default
   * @param replicationFactor -1 for the brokers' default
   */
  public record NewTopic(
      String name, int partitions, int replicationFactor, Map<String, String> configs) {

    /** Writes an element of a CreateTopics request. */
    void write(Struct topic) {
      topic
          .set("Name", name)
          .set("NumPartitions", partitions)
          .set("ReplicationFactor", (short) replicationFactor);
      configs.forEach(
          (key, value) -> topic.addStruct("Configs").set("Name", key).set("Value", value));
    }
  }

  /** Why a topic was not created. */
  public record Failure(int errorCode, @Nullable String message) {}

  private record Failed(Failure failure, long until) {}

  CreatedTopics(LongSupplier clock, ExistingTopics existing) {
    this.clock = clock;
    this.existing = existing;
  }

  /** Sets how the cluster is asked. */
  public void setCreator(Creator how) {
    creator = how;
  }

  /** Why a topic could not be created a moment ago; null if that was not tried. */
  public @Nullable Failure failure(String name) {
    Failed known = failed.get(name);
    return known == null || clock.getAsLong() - known.until > 0 ? null : known.failure;
  }

  /**
   * Creates topics. When the result completes, which it does in any case, they are known to exist,
   * or their failures are, unless too many others were asked for.
   */
  public Future<Void> create(Collection<NewTopic> topics) {
    return questions.ask(topics);
  }

  private Future<?> ask(List<NewTopic> topics) {
    Promise<Void> noted = ImmediateEventExecutor.INSTANCE.newPromise();
    Creator how = creator;
    if (how == null) {
      topics.forEach(topic -> note(topic.name, UNANSWERED));
      return noted.setSuccess(null);
    }
    how.create(topics)
        .addListener((Future<Map<String, Failure>> answer) -> {
          for (NewTopic topic : topics) {
            note(topic.name, answer.isSuccess() ? answer.getNow().get(topic.name) : UNANSWERED);
          }
          noted.setSuccess(null);
        });
    return noted;
  }

  private void note(String name, @Nullable Failure failure) {
    if (failure == null || failure.errorCode == ALREADY_EXISTS) {
      existing.created(name);
      return;
    }
    if (failed.size() >= MAX_FAILED) {
      failed.clear();
    }
    failed.put(name, new Failed(failure, clock.getAsLong() + FAILED_NANOS));
  }
}
