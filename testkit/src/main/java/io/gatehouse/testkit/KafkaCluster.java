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
 * A real Kafka cluster on loopback, every broker a process of its own:
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
 * Kafka 4.4 and 3.9 run as combined brokers and controllers, 2.8 with a ZooKeeper beside it.
 * Threads may share a cluster.
 */
public final class KafkaCluster implements AutoCloseable {

  /** Where everything listens. */
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

  /** A cluster to be, of so many brokers. */
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
        // A program that does not know of our reservation took a port: try again with others.
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

  /** All brokers, by ascending id. */
  public List<KafkaBroker> brokers() {
    return nodes.brokers();
  }

  /**
   * One broker.
   *
   * @throws IllegalArgumentException when no broker has this id
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

  /** The same for a listener added with {@link ClusterSpec#withListener}. */
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
   * What a Java client needs to come in by a listener: bootstrap servers, security protocol, whom
   * to trust, and its login.
   *
   * @param login of {@link ClientLogin}
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
   * Whom the brokers took their clients for since the start or the last {@link #forgetPrincipals},
   * an entry for each login and re-login; only in a cluster with a secured listener. An entry is
   * there from a connection's first request on.
   */
  public synchronized List<SeenPrincipal> principalsSeen() {
    List<SeenPrincipal> all = new ArrayList<>();
    for (KafkaBroker broker : brokers()) {
      List<SeenPrincipal> seen = SeenPrincipal.read(broker.node().principals());
      all.addAll(seen.subList(forgotten.getOrDefault(broker.id(), 0), seen.size()));
    }
    return all;
  }

  /** The principals seen on one listener, as in {@code User:alice}, each once. */
  public Set<String> principalsSeen(String listener) {
    return principalsSeen().stream()
        .filter(seen -> seen.listener().equals(listener))
        .map(SeenPrincipal::principal)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Leaves what was seen so far out of {@link #principalsSeen} from now on. */
  public synchronized void forgetPrincipals() {
    for (KafkaBroker broker : brokers()) {
      forgotten.put(broker.id(), SeenPrincipal.read(broker.node().principals()).size());
    }
  }

  /** {@link #awaitReady(Duration)} with a minute's time. */
  public void awaitReady() {
    awaitReady(READY_LIMIT);
  }

  /**
   * Waits until every broker that the test has not ended or paused answers, and knows exactly those
   * as its cluster: those that run are registered and not fenced, those that do not are noticed to
   * be gone.
   *
   * @throws IllegalStateException when it takes longer or a broker dies meanwhile, with the end of
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

  /** Waits until every broker that is up sees the cluster so. */
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

  /** An admin client of Kafka's straight to the brokers. The cluster closes it. */
  public synchronized Admin admin() {
    Admin client = admin;
    if (client == null) {
      client = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()));
      admin = client;
    }
    return client;
  }

  /** {@link #createTopic(NewTopic)} with no settings of its own. */
  public void createTopic(String name, int partitions, int replicas) {
    createTopic(new NewTopic(name, partitions, (short) replicas));
  }

  /**
   * Creates a topic and waits until every broker that is up knows it and a leader for each
   * partition.
   *
   * @throws IllegalStateException when it cannot be created, or takes over a minute
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
   * Waits until all replicas of a topic are in sync, in the eyes of every broker that is up. Who
   * ends one broker after another needs this in between, or the last one in sync may be the one to
   * go, and the partition has no leader.
   *
   * @throws IllegalStateException when that takes over a minute
   */
  public void awaitInSync(String topic) {
    await(
        "all replicas of " + topic + " to be in sync",
        List.of(topic),
        view -> view.allPartitions(topic, some -> some.inSync() == some.replicas()),
        Deadline.in(READY_LIMIT));
  }

  /**
   * The broker that leads a partition, once all brokers that are up agree on one that is up. So,
   * after a leader's end, the new one.
   *
   * @throws IllegalStateException when that takes over a minute
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

  /** Kills all brokers and deletes their data. Nothing happens the second time. */
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
        // The JVM is going down already; its hook will find the work done.
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
