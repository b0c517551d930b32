package io.gatehouse.control.node;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's membership in the consumer group of its cluster's nodes. It tells the others about
 * this node, and again when that changes, and keeps the list of all nodes. When Kafka does not
 * answer, the last list stays. {@link #close} leaves the group, so that the others stop to send
 * clients here.
 */
public final class Membership implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Membership.class);

  /** A node that has died is found out within this time. */
  static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);

  /** The time for a rebalance to reach all nodes. */
  private static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(1);

  /** How often this node's description is compared with what the others know. */
  private static final Duration POLL = Duration.ofSeconds(1);

  private static final Duration RETRY = Duration.ofSeconds(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final Settings settings;
  private final Source source;
  private final Consumer<List<NodeInfo>> listener;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final LongAdder rebalances = new LongAdder();
  private volatile List<NodeInfo> nodes = List.of();
  private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;
  private volatile @Nullable AppliedRevisions revisions;
  private volatile @Nullable String failure = "it has not joined the group yet";
  private @Nullable NodeInfo told;

  /**
   * @param group the consumer group of the cluster's nodes
   * @param topic the topic whose offsets are the revisions
   */
  public record Settings(String group, String topic) {}

  /**
   * What the membership is about.
   *
   * @param clients properties of the gateway's Kafka clients; called again after failures
   * @param own describes this node, quickly; its id never changes
   * @param revision the revision of the resources that this node has applied; negative for none
   */
  public record Source(
      Supplier<Map<String, Object>> clients, Supplier<NodeInfo> own, LongSupplier revision) {}

  /**
   * Joins the group in the background.
   *
   * @param listener called with all nodes, including this one, after each change; must not block
   */
  public Membership(Settings settings, Source source, Consumer<List<NodeInfo>> listener) {
    this.settings = settings;
    this.source = source;
    this.listener = listener;
    // not virtual: the consumer blocks in a selector, which would occupy a carrier thread
    this.thread = Thread.ofPlatform().daemon().name("gateway-nodes").unstarted(this::run);
    thread.start();
  }

  /** All known live nodes in the order of their ids; empty before this node has joined. */
  public List<NodeInfo> nodes() {
    return nodes;
  }

  /** This node as it describes itself now. */
  public NodeInfo own() {
    return source.own.get();
  }

  /** The consumer group. */
  public String group() {
    return settings.group;
  }

  /** To be called when this node has applied a revision, so that others see it soon. Quick. */
  public void onApplied() {
    AppliedRevisions open = revisions;
    if (open != null) {
      open.commitUnlessRecent(own().id(), source.revision.getAsLong());
    }
  }

  /** Why this node is not a member at the moment; null if it is. */
  public @Nullable String failure() {
    return failure;
  }

  /** Number of rebalances since the start. */
  public long rebalances() {
    return rebalances.sum();
  }

  /**
   * The live nodes with the revision that each has applied. Blocks, at most for some seconds.
   * Without an answer of Kafka, only this node's revision is known.
   */
  public List<NodeState> states() {
    NodeInfo own = own();
    List<NodeInfo> all = nodes.isEmpty() ? List.of(own) : nodes;
    Map<String, Long> applied = new HashMap<>();
    AppliedRevisions open = revisions;
    if (open != null) {
      try {
        applied.putAll(open.applied(all.stream().map(NodeInfo::id).toList()));
      } catch (KafkaException e) {
        log.warn("The revisions that the nodes have applied are unknown: {}", e.getMessage());
      }
    }
    long here = source.revision.getAsLong();
    if (here >= 0) {
      applied.put(own.id(), here);
    }
    return all.stream()
        .map(node -> new NodeState(node, node.id().equals(own.id()), applied.get(node.id())))
        .toList();
  }

  private void run() {
    String logged = "";
    while (closing.getCount() > 0) {
      try {
        join();
      } catch (WakeupException e) {
        // the node leaves
      } catch (RuntimeException | Error e) {
        String why = reason(e);
        failure = why;
        if (!why.equals(logged)) {
          log.error("This node is not in the group of gateway nodes: {}", why);
          logged = why;
        }
        await(RETRY);
      }
    }
  }

  private String reason(Throwable e) {
    return switch (e) {
      case InconsistentGroupProtocolException _ ->
          "the consumer group %s is used by something else: choose another one (nodes.group)"
              .formatted(settings.group);
      case AuthorizationException _ ->
          "%s. The gateway's account needs Read on groups that start with %s and on the topic %s"
              .formatted(e.getMessage(), settings.group, settings.topic);
      case KafkaException _, IllegalArgumentException _ -> String.valueOf(e.getMessage());
      default -> e.toString();
    };
  }

  private void await(Duration time) {
    try {
      var _ = closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      closing.countDown();
    }
  }

  /** Is a member until the node leaves or the client fails. */
  private void join() {
    Map<String, Object> clients = source.clients.get();
    KafkaConsumer<byte[], byte[]> joined =
        new KafkaConsumer<>(
            properties(clients), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer = joined;
    try (AppliedRevisions opened = new AppliedRevisions(clients, settings.group, settings.topic)) {
      revisions = opened;
      joined.subscribe(List.of(settings.topic));
      while (closing.getCount() > 0) {
        joined.poll(POLL);
        check(joined);
        opened.commit(own().id(), source.revision.getAsLong());
      }
    } finally {
      revisions = null;
      consumer = null;
      joined.close(CloseOptions.timeout(CLOSE_TIMEOUT));
    }
  }

  private Map<String, Object> properties(Map<String, Object> clients) {
    Map<String, Object> properties = new HashMap<>(clients);
    properties.put("group.id", settings.group);
    properties.put("partition.assignment.strategy", List.of(NodeAssignor.class));
    properties.put(NodeAssignor.NODE, new Member());
    properties.put("session.timeout.ms", Math.toIntExact(SESSION_TIMEOUT.toMillis()));
    properties.put("heartbeat.interval.ms", Math.toIntExact(HEARTBEAT_INTERVAL.toMillis()));
    // also how long a rebalance waits for a member that does not answer
    properties.put("max.poll.interval.ms", Math.toIntExact(SESSION_TIMEOUT.toMillis()));
    properties.put("enable.auto.commit", false);
    properties.put("allow.auto.create.topics", false);
    properties.put("reconnect.backoff.max.ms", 1_000);
    // also how often the thread that sends heartbeats wakes up
    properties.put("retry.backoff.ms", 500L);
    return properties;
  }

  private void check(KafkaConsumer<?, ?> joined) {
    if (joined.groupMetadata().generationId() < 0) {
      if (failure == null) {
        failure = "the group's coordinator does not answer";
        log.warn("This node has lost the group of gateway nodes; the known nodes stay as they are");
      }
      return;
    }
    NodeInfo own = own();
    if (told != null && !own.equals(told)) {
      told = own;
      joined.enforceRebalance("the addresses of the node " + own.id() + " have changed");
    }
  }

  /** Called by the consumer within {@code poll}. */
  private final class Member implements NodeAssignor.Node {

    @Override
    public byte[] description() {
      NodeInfo own = own();
      told = own;
      try {
        return own.encode();
      } catch (IllegalArgumentException e) {
        log.error("Other nodes cannot send clients here: {}", e.getMessage());
        return new NodeInfo(own.id(), own.started(), own.rack(), own.version(), Map.of()).encode();
      }
    }

    @Override
    public void onMembers(List<NodeInfo> members) {
      rebalances.increment();
      if (failure != null) {
        log.info("This node is in the group of gateway nodes {}", settings.group);
        failure = null;
      }
      update(members);
    }
  }

  private void update(List<NodeInfo> members) {
    Map<String, NodeInfo> byId = new TreeMap<>();
    for (NodeInfo member : members) {
      NodeInfo other = byId.get(member.id());
      if (other != null && !other.listeners().equals(member.listeners())) {
        log.error(
            "Two nodes have the id {}, with the addresses {} and {}: give each its own id"
                + " (nodes.id)",
            member.id(),
            other.listeners(),
            member.listeners());
      }
      // a process that takes over from another one has the same id, and is the newer one
      byId.merge(
          member.id(), member, (one, two) -> two.started().isAfter(one.started()) ? two : one);
    }
    List<NodeInfo> before = nodes;
    List<NodeInfo> after =
        byId.values().stream().sorted(Comparator.comparing(NodeInfo::id)).toList();
    if (after.equals(before)) {
      return;
    }
    logChanges(before, after);
    nodes = after;
    listener.accept(after);
  }

  private void logChanges(List<NodeInfo> before, List<NodeInfo> after) {
    Map<String, NodeInfo> old = new TreeMap<>();
    before.forEach(node -> old.put(node.id(), node));
    for (NodeInfo node : after) {
      NodeInfo known = old.remove(node.id());
      if (!node.equals(known)) {
        log.info(
            "Gateway node {} {}: version {}, rack {}, {}",
            node.id(),
            known == null
                ? "has joined"
                : known.isSameProcess(node) ? "has changed" : "was started again",
            node.version(),
            node.rack() == null ? "unknown" : node.rack(),
            node.listeners());
      }
    }
    old.keySet().forEach(id -> log.info("Gateway node {} has left", id));
    log.info("The gateway cluster has {} nodes", after.size());
  }

  /** Leaves the group. Waits a few seconds at most. */
  @Override
  public void close() {
    closing.countDown();
    KafkaConsumer<byte[], byte[]> open = consumer;
    if (open != null) {
      open.wakeup();
    }
    try {
      thread.join(CLOSE_TIMEOUT.plusSeconds(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
