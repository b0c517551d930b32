package io.gatehouse.testkit;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka cluster on loopback, with each broker in its own process:
 *
 * <pre>
 *   try (KafkaCluster cluster = KafkaCluster.of(KafkaVersion.V4_4, 3).with("num.partitions", "2").start()) {
 *     cluster.createTopic("t", 1, 3);
 *     KafkaBroker leader = cluster.leader("t", 0);
 *     leader.kill();
 *     cluster.leader("t", 0); // another one
 *   }
 * </pre>
 *
 * Kafka 4.4 and 3.9 run as combined brokers and controllers, 2.8 with ZooKeeper. Thread-safe.
 */
public final class KafkaCluster implements AutoCloseable {

  /** The address that everything listens on. */
  static final String HOST = "127.0.0.1";

  private static final Duration READY_LIMIT = Duration.ofSeconds(60);
  private static final Duration TRAINING_LIMIT = Duration.ofSeconds(60);
  private static final int START_ATTEMPTS = 3;

  private final KafkaVersion version;
  private final ClusterSpec spec;
  private final ClusterNodes nodes;
  private final Thread endOfJvm = new Thread(() -> end(false), "kafka-cluster-end");
  private final AtomicBoolean ended = new AtomicBoolean();
  private final Map<Integer, Integer> forgotten = new HashMap<>();
  private @Nullable Admin admin;

  private KafkaCluster(ClusterSpec spec, ClusterNodes nodes) {
    this.version = spec.version();
    this.spec = spec;
    this.nodes = nodes;
    Runtime.getRuntime().addShutdownHook(endOfJvm);
  }

  /** Settings for a cluster with this number of brokers. */
  public static ClusterSpec of(KafkaVersion version, int brokers) {
    return new ClusterSpec(version, brokers);
  }

  /** Runs a cluster for scripts; see {@link ClusterCommand}. */
  public static void main(String[] args) {
    System.exit(ClusterCommand.run(args));
  }

  static KafkaCluster start(ClusterSpec spec, Duration limit) {
    Deadline deadline = Deadline.in(limit);
    for (int attempt = 1; ; attempt++) {
      KafkaCluster cluster = new KafkaCluster(spec, ClusterNodes.create(spec));
      try {
        cluster.nodes.launch();
        cluster.awaitReady(deadline);
        cluster.createScramUsers();
        return cluster;
      } catch (RuntimeException e) {
        // Another program took a reserved port: try again with other ports.
        boolean again = attempt < START_ATTEMPTS && cluster.nodes.lostPort();
        cluster.end(false);
        if (!again) {
          throw e;
        }
      }
    }
  }

  public KafkaVersion version() {
    return version;
  }

  /** All brokers, ordered by id. */
  public List<KafkaBroker> brokers() {
    return nodes.brokers();
  }

  /**
   * A broker.
   *
   * @throws IllegalArgumentException if no broker has this id
   */
  public KafkaBroker broker(int id) {
    return brokers().stream()
        .filter(broker -> broker.id() == id)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no broker " + id + " in " + brokers()));
  }

  /** {@code host:port,host:port,...} of all brokers. */
  public String bootstrapServers() {
    return bootstrapServers(Node.PLAINTEXT);
  }

  /** {@code host:port,host:port,...} of a listener added with {@link ClusterSpec#withListener}. */
  public String bootstrapServers(String listener) {
    return brokers().stream()
        .map(broker -> spec.host(listener) + ":" + broker.port(listener))
        .collect(Collectors.joining(","));
  }

  private void createScramUsers() {
    List<Listener.ScramUser> users =
        spec.secured().values().stream()
            .flatMap(listener -> listener.scramUsers().stream())
            .distinct()
            .toList();
    if (!users.isEmpty()) {
      ScramUsers.create(this, users);
    }
  }

  /**
   * The properties of a Java client for a listener: bootstrap servers, security protocol, trust and
   * login.
   *
   * @param login a login of {@link AuthenticationProperties}
   */
  public Map<String, Object> clientProperties(String listener, Map<String, Object> login) {
    Map<String, Object> all = new TreeMap<>();
    all.put("bootstrap.servers", bootstrapServers(listener));
    Listener secured = spec.secured().get(listener);
    if (secured != null) {
      all.putAll(secured.clientProperties());
    }
    all.putAll(login);
    return all;
  }

  /**
   * The principals of clients at the brokers since the start or the last {@link #forgetPrincipals},
   * with an entry for each login and re-authentication. Only in a cluster with a secured listener.
   * An entry is added with a connection's first request.
   */
  public synchronized List<SeenPrincipal> principalsSeen() {
    List<SeenPrincipal> all = new ArrayList<>();
    for (KafkaBroker broker : brokers()) {
      List<SeenPrincipal> seen = SeenPrincipal.read(broker.node().principals());
      all.addAll(seen.subList(forgotten.getOrDefault(broker.id(), 0), seen.size()));
    }
    return all;
  }

  /** The distinct principals seen on one listener, such as {@code User:alice}. */
  public Set<String> principalsSeen(String listener) {
    return principalsSeen().stream()
        .filter(seen -> seen.listener().equals(listener))
        .map(SeenPrincipal::principal)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Removes the current entries from {@link #principalsSeen}. */
  public synchronized void forgetPrincipals() {
    for (KafkaBroker broker : brokers()) {
      forgotten.put(broker.id(), SeenPrincipal.read(broker.node().principals()).size());
    }
  }

  /** {@link #awaitReady(Duration)} with a timeout of one minute. */
  public void awaitReady() {
    awaitReady(READY_LIMIT);
  }

  /**
   * Waits until every broker that the test has not stopped or paused responds and knows exactly
   * these brokers: running ones are registered and not fenced, and the loss of others was detected.
   *
   * @throws IllegalStateException if it takes longer or a broker ends unexpectedly, with the end of
   *     its log
   */
  public void awaitReady(Duration limit) {
    awaitReady(Deadline.in(limit));
  }

  private void awaitReady(Deadline deadline) {
    Set<Integer> up =
        brokers().stream()
            .filter(KafkaBroker::isUp)
            .map(KafkaBroker::id)
            .collect(Collectors.toSet());
    await(
        "all of brokers " + up + " to know each other",
        List.of(),
        view -> view.brokers().equals(up) && view.controllerId() >= 0,
        deadline);
  }

  /** Waits until the condition holds for the view of every running broker. */
  private void await(
      String what, List<String> topics, Predicate<BrokerView> condition, Deadline deadline) {
    while (true) {
      nodes.checkAlive();
      String problem = firstProblem(topics, condition);
      if (problem.isEmpty()) {
        return;
      }
      if (deadline.isOver()) {
        throw new IllegalStateException(
            "waited in vain for " + what + ": " + problem + "\n" + nodes.logExtracts());
      }
      Deadline.pause();
    }
  }

  private String firstProblem(List<String> topics, Predicate<BrokerView> condition) {
    for (KafkaBroker broker : brokers()) {
      if (broker.isUp()) {
        try {
          BrokerView view = broker.view(topics);
          if (!condition.test(view)) {
            return broker + " sees " + view;
          }
        } catch (IOException e) {
          return broker + ": " + e;
        }
      }
    }
    return "";
  }

  /** An admin client that connects directly to the brokers. It is closed with the cluster. */
  public synchronized Admin admin() {
    Admin client = admin;
    if (client == null) {
      client = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()));
      admin = client;
    }
    return client;
  }

  /** {@link #createTopic(NewTopic)} with default settings. */
  public void createTopic(String name, int partitions, int replicas) {
    createTopic(new NewTopic(name, partitions, (short) replicas));
  }

  /**
   * Creates a topic and waits until every running broker knows it and a leader of each partition.
   *
   * @throws IllegalStateException if it cannot be created within a minute
   */
  public void createTopic(NewTopic topic) {
    try {
      admin().createTopics(List.of(topic)).all().get(READY_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("cannot create topic " + topic.name(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating topic " + topic.name(), e);
    }
    await(
        "topic " + topic.name(),
        List.of(topic.name()),
        view -> view.allPartitions(topic.name(), partition -> partition.leader() >= 0),
        Deadline.in(READY_LIMIT));
  }

  /**
   * Waits until all replicas of a topic are in sync according to every running broker. A test that
   * stops one broker after another must call this in between, otherwise it may stop the last
   * in-sync replica.
   *
   * @throws IllegalStateException if it takes more than a minute
   */
  public void awaitInSync(String topic) {
    await(
        "all replicas of " + topic + " to be in sync",
        List.of(topic),
        view -> view.allPartitions(topic, some -> some.inSync() == some.replicas()),
        Deadline.in(READY_LIMIT));
  }

  /**
   * The leader of a partition, as soon as all running brokers agree on a running one. After the
   * loss of a leader this is the new one.
   *
   * @throws IllegalStateException if it takes more than a minute
   */
  public KafkaBroker leader(String topic, int partition) {
    Deadline deadline = Deadline.in(READY_LIMIT);
    while (true) {
      for (KafkaBroker candidate : brokers()) {
        if (candidate.isUp()
            && firstProblem(List.of(topic), view -> view.leader(topic, partition) == candidate.id())
                .isEmpty()) {
          return candidate;
        }
      }
      nodes.checkAlive();
      if (deadline.isOver()) {
        throw new IllegalStateException(
            "no leader of "
                + topic
                + "-"
                + partition
                + " that all brokers agree on: "
                + firstProblem(List.of(topic), view -> false));
      }
      Deadline.pause();
    }
  }

  /** Kills all brokers and deletes their data. Idempotent. */
  @Override
  public void close() {
    end(true);
  }

  private void end(boolean inOrder) {
    if (ended.getAndSet(true)) {
      return;
    }
    if (!endOfJvm.equals(Thread.currentThread())) {
      try {
        Runtime.getRuntime().removeShutdownHook(endOfJvm);
      } catch (IllegalStateException e) {
        // The JVM is shutting down and its hook is already running.
      }
    }
    synchronized (this) {
      if (admin != null) {
        admin.close(Duration.ZERO);
      }
    }
    if (inOrder) {
      nodes.finishTraining(TRAINING_LIMIT);
    }
    nodes.close();
  }
}
