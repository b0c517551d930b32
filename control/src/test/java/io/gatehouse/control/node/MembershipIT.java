package io.gatehouse.control.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.testkit.AuthenticationProperties;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Nodes find each other through a Kafka consumer group. */
class MembershipIT {

  private static final String TOPIC = "state";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static KafkaCluster kafka;

  private final List<Node> open = new ArrayList<>();

  @BeforeAll
  static void start() {
    kafka =
        KafkaCluster.of(KafkaVersion.V4_4, 1)
            .with(Listener.sasl("SASL").plain("gateway", "secret"))
            .withAuthorizer()
            .start();
    kafka.createTopic(TOPIC, 1, 1);
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @AfterEach
  void closeNodes() {
    open.forEach(Node::close);
  }

  private static Map<String, Object> clients() {
    return Map.of("bootstrap.servers", kafka.bootstrapServers());
  }

  /** A node as the program makes it. */
  private final class Node implements AutoCloseable {

    private volatile NodeInfo info;
    private final AtomicLong revision = new AtomicLong(-1);
    private final List<List<NodeInfo>> heard = new ArrayList<>();
    private final Membership membership;

    Node(String group, String id) {
      this(group, id, MembershipIT::clients);
    }

    Node(String group, String id, Supplier<Map<String, Object>> clients) {
      info = described(id, Instant.now(), "0=" + id + ":9093");
      membership =
          new Membership(
              new Membership.Settings(group, TOPIC),
              new Membership.Source(clients, () -> info, revision::get),
              nodes -> {
                synchronized (heard) {
                  heard.add(nodes);
                }
              });
      open.add(this);
    }

    List<String> known() {
      return membership.nodes().stream().map(NodeInfo::id).toList();
    }

    Map<String, Long> applied() {
      Map<String, Long> revisions = new HashMap<>();
      for (NodeState state : membership.states()) {
        Long revision = state.revision();
        if (revision != null) {
          revisions.put(state.node().id(), revision);
        }
      }
      return revisions;
    }

    void awaitKnown(String... ids) {
      Awaitility.await()
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(known()).containsExactly(ids));
    }

    @Override
    public void close() {
      membership.close();
    }
  }

  private static NodeInfo described(String id, Instant started, String addresses) {
    return new NodeInfo(id, started, "rack-" + id, "1", Map.of("main", addresses));
  }

  @Test
  void nodesJoinChangeAndLeave(TestInfo test) {
    String group = test.getDisplayName();
    Node a = new Node(group, "a");
    a.awaitKnown("a");
    Node b = new Node(group, "b");
    Node c = new Node(group, "c");
    for (Node each : List.of(a, b, c)) {
      each.awaitKnown("a", "b", "c");
      assertThat(each.membership.nodes()).containsExactly(a.info, b.info, c.info);
      assertThat(each.membership.failure()).isNull();
    }

    b.info = described("b", b.info.started(), "0-1=b:9093");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          assertThat(a.membership.nodes()).contains(b.info);
          assertThat(c.membership.nodes()).contains(b.info);
        });

    a.revision.set(7);
    b.revision.set(5);
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(c.applied()).isEqualTo(Map.of("a", 7L, "b", 5L)));
    b.revision.set(8);
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(c.applied()).containsEntry("b", 8L));

    long before = System.nanoTime();
    a.close(); // the leader
    b.awaitKnown("b", "c");
    c.awaitKnown("b", "c");
    assertThat(Duration.ofNanos(System.nanoTime() - before))
        .as("a node that stops is not waited for")
        .isLessThan(Membership.SESSION_TIMEOUT);
    assertThat(a.known()).as("what it knew").containsExactly("a", "b", "c");
    synchronized (c.heard) {
      assertThat(c.heard.getLast()).isEqualTo(c.membership.nodes());
    }
  }

  @Test
  void aNewProcessReplacesTheOneWithTheSameId(TestInfo test) {
    String group = test.getDisplayName();
    Node old = new Node(group, "a");
    old.awaitKnown("a");
    Node next = new Node(group, "a");
    next.info = described("a", old.info.started().plusSeconds(9), "0=a:9093");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          assertThat(old.membership.nodes()).containsExactly(next.info);
          assertThat(next.membership.nodes()).containsExactly(next.info);
        });
  }

  @Test
  void membersThatAreNoNodesAreIgnored(TestInfo test) {
    String group = test.getDisplayName();
    try (KafkaConsumer<byte[], byte[]> foreign =
        consumer(
            group,
            NodeAssignor.class,
            new NodeAssignor.Node() {
              @Override
              public byte[] description() {
                return new byte[] {1, 2, 3};
              }

              @Override
              public void onMembers(List<NodeInfo> members) {}
            })) {
      Node a = new Node(group, "a");
      foreign.subscribe(List.of(TOPIC));
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> {
            foreign.poll(Duration.ofMillis(100));
            return a.membership.rebalances() > 0 && foreign.groupMetadata().generationId() > 0;
          });
      assertThat(a.known()).containsExactly("a");
    }
  }

  /** Such as the nodes of another product, whose group has another protocol. */
  @Test
  void aGroupOfSomethingElseIsNotDisturbed(TestInfo test) {
    String group = test.getDisplayName();
    try (KafkaConsumer<byte[], byte[]> foreign = consumer(group, Foreign.class, null)) {
      foreign.subscribe(List.of(TOPIC));
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> {
            foreign.poll(Duration.ofMillis(100));
            return !foreign.assignment().isEmpty();
          });
      Node a = new Node(group, "a");
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> {
            foreign.poll(Duration.ofMillis(100));
            String failure = a.membership.failure();
            return failure != null && failure.contains("nodes.group");
          });
      assertThat(foreign.assignment()).hasSize(1);
    }
  }

  /** An assignor of other software. */
  public static final class Foreign implements ConsumerPartitionAssignor {
    @Override
    public GroupAssignment assign(
        org.apache.kafka.common.Cluster metadata, GroupSubscription subscriptions) {
      Map<String, Assignment> all = new HashMap<>();
      subscriptions
          .groupSubscription()
          .keySet()
          .forEach(member ->
              all.put(
                  member,
                  new Assignment(
                      List.of(new org.apache.kafka.common.TopicPartition(TOPIC, 0)),
                      ByteBuffer.allocate(0))));
      return new GroupAssignment(all);
    }

    @Override
    public String name() {
      return "foreign";
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(
      String group, Class<?> assignor, NodeAssignor.@org.jspecify.annotations.Nullable Node node) {
    Map<String, Object> properties = new HashMap<>(clients());
    properties.put("group.id", group);
    properties.put("partition.assignment.strategy", List.of(assignor));
    properties.put("heartbeat.interval.ms", 500);
    if (node != null) {
      properties.put(NodeAssignor.NODE, node);
    }
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @Test
  void anUnexpectedErrorIsReportedAndDoesNotEndTheThread() {
    AtomicLong calls = new AtomicLong();
    Membership.Source source =
        new Membership.Source(
            () -> {
              throw new StackOverflowError("call " + calls.incrementAndGet());
            },
            () -> described("a", Instant.now(), "0=a:9093"),
            () -> -1);
    try (Membership membership =
        new Membership(new Membership.Settings("errors", TOPIC), source, _ -> {})) {
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> String.valueOf(membership.failure()).contains("call 2"));
    }
  }

  @Test
  void missingRightsAreNamedAndTriedAgain(TestInfo test) throws Exception {
    String group = test.getDisplayName();
    AtomicInteger attempts = new AtomicInteger();
    Node node =
        new Node(
            group,
            "a",
            () -> {
              attempts.incrementAndGet();
              return kafka.clientProperties(
                  "SASL", AuthenticationProperties.plain("gateway", "secret"));
            });
    awaitRefused(node, "Read on groups that start with " + group);
    allow(new ResourcePattern(ResourceType.GROUP, group, PatternType.PREFIXED), AclOperation.READ);
    awaitRefused(
        node, "Not authorized to access topics", "Read on groups", "and on the topic " + TOPIC);
    allow(new ResourcePattern(ResourceType.TOPIC, TOPIC, PatternType.LITERAL), AclOperation.READ);
    node.awaitKnown("a");
    assertThat(node.membership.failure()).isNull();
    assertThat(attempts.get()).isLessThan(10);
    node.revision.set(7);
    node.membership.onApplied();
    Node other = new Node(group, "b");
    other.awaitKnown("a", "b");
    Awaitility.await().atMost(LIMIT).until(other::applied, all -> all.get("a") != null);
  }

  private static void awaitRefused(Node node, String... parts) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(node.membership.failure()).contains(parts));
  }

  private static void allow(ResourcePattern what, AclOperation operation) throws Exception {
    AccessControlEntry entry =
        new AccessControlEntry("User:gateway", "*", operation, AclPermissionType.ALLOW);
    kafka.admin().createAcls(List.of(new AclBinding(what, entry))).all().get(1, TimeUnit.MINUTES);
  }
}
