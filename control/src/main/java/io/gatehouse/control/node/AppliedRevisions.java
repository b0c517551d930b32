package io.gatehouse.control.node;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The revision of the resources that each node has applied, as the committed offset of a consumer
 * group of its own. Committing it does not disturb the group of the nodes.
 */
final class AppliedRevisions implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AppliedRevisions.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration RECENT = Duration.ofMillis(200);

  private final Admin admin;
  private final String group;
  private final TopicPartition partition;

  private long committed = -1;
  private long committedAt = System.nanoTime() - RECENT.toNanos();
  private @Nullable KafkaFuture<Void> pending;
  private long pendingRevision;
  private boolean failing;
  private boolean closed;

  AppliedRevisions(Map<String, Object> properties, String group, String topic) {
    Map<String, Object> all = new HashMap<>(properties);
    all.put("default.api.timeout.ms", Math.toIntExact(TIMEOUT.toMillis()));
    all.put("request.timeout.ms", Math.toIntExact(TIMEOUT.toMillis()));
    this.admin = Admin.create(all);
    this.group = group;
    this.partition = new TopicPartition(topic, 0);
  }

  private String group(String node) {
    return group + "-node-" + node;
  }

  /** The same, unless something was committed a moment ago: many changes may follow each other. */
  synchronized void commitUnlessRecent(String node, long revision) {
    if (System.nanoTime() - committedAt > RECENT.toNanos()) {
      commit(node, revision);
    }
  }

  /** Commits the revision that this node has applied, if it has changed. Does not wait. */
  synchronized void commit(String node, long revision) {
    KafkaFuture<Void> before = pending;
    if (before != null && before.isDone()) {
      pending = null;
      boolean failed = before.isCompletedExceptionally();
      if (!failed) {
        committed = pendingRevision;
      } else if (!failing) {
        log.warn(
            "The applied revision cannot be committed to the group {}: {}",
            group(node),
            reason(before));
      }
      failing = failed;
    }
    if (!closed && pending == null && revision != committed && revision >= 0) {
      pendingRevision = revision;
      committedAt = System.nanoTime();
      pending =
          admin
              .alterConsumerGroupOffsets(
                  group(node), Map.of(partition, new OffsetAndMetadata(revision)))
              .all();
    }
  }

  private static String reason(KafkaFuture<Void> failed) {
    try {
      failed.getNow(null);
      return "";
    } catch (ExecutionException e) {
      return String.valueOf(e.getCause());
    } catch (RuntimeException | InterruptedException e) {
      return e.toString();
    }
  }

  /**
   * The revisions that these nodes have applied. A node without entry has not committed any.
   *
   * @throws KafkaException when the cluster does not answer in time
   */
  Map<String, Long> applied(Collection<String> nodes) {
    Map<String, ListConsumerGroupOffsetsSpec> groups = new HashMap<>();
    ListConsumerGroupOffsetsSpec spec =
        new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(partition));
    nodes.forEach(node -> groups.put(group(node), spec));
    try {
      var all =
          admin
              .listConsumerGroupOffsets(groups)
              .all()
              .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      Map<String, Long> applied = new HashMap<>();
      for (String node : nodes) {
        var offsets = all.get(group(node));
        OffsetAndMetadata offset = offsets == null ? null : offsets.get(partition);
        if (offset != null) {
          applied.put(node, offset.offset());
        }
      }
      return applied;
    } catch (ExecutionException e) {
      throw new KafkaException(String.valueOf(e.getCause()), e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaException("no answer within " + TIMEOUT.toSeconds() + " seconds", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    admin.close(CLOSE_TIMEOUT);
  }
}
