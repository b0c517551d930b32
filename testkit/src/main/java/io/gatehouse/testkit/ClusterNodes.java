package io.gatehouse.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a cluster consists of on this machine: processes, their folder, their ports. */
final class ClusterNodes implements AutoCloseable {

  private static final List<String> BROKER_JVM =
      List.of(
          "-Xmx320m",
          "-Dorg.slf4j.simpleLogger.logFile=System.out",
          "-Dorg.slf4j.simpleLogger.showDateTime=true",
          "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
          // Many lines a second while another broker is down.
          "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.clients.NetworkClient=error",
          // Hundreds of lines of settings at every start.
          "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=warn",
          "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaConfig=warn");

  private static final List<String> ZOOKEEPER_JVM = List.of("-Xmx96m");

  private final ClusterFolder folder;
  private final Ports ports;
  private final List<KafkaBroker> brokers;
  private final @Nullable NodeProcess zooKeeper;
  private final AotCache cache;
  private final boolean mayTrain;
  private AotCache.@Nullable Training training;
  private long trainee;

  private ClusterNodes(
      ClusterSpec spec,
      ClusterFolder folder,
      Ports ports,
      List<KafkaBroker> brokers,
      @Nullable NodeProcess zooKeeper) {
    this.folder = folder;
    this.ports = ports;
    this.brokers = brokers;
    this.zooKeeper = zooKeeper;
    this.cache = new AotCache(spec.version().jars());
    this.mayTrain = spec.mayTrain();
  }

  /** Lays out folders and settings, with nothing running yet. */
  static ClusterNodes create(ClusterSpec spec) {
    List<String> listeners = new ArrayList<>(List.of(Node.PLAINTEXT));
    if (spec.version().isKraft()) {
      listeners.add(Node.CONTROLLER);
    }
    listeners.addAll(spec.listeners().keySet());
    Ports ports = Ports.reserve(spec.brokers() * listeners.size() + 1);
    int zooKeeperPort = ports.get(spec.brokers() * listeners.size());
    ClusterFolder folder = ClusterFolder.create();
    try {
      List<Node> nodes = new ArrayList<>();
      for (int id : spec.ids()) {
        Map<String, Integer> own = new HashMap<>();
        for (String listener : listeners) {
          own.put(listener, ports.get(nodes.size() * listeners.size() + own.size()));
        }
        Path home = Files.createDirectories(folder.path().resolve("broker-" + id));
        nodes.add(new Node(id, home, Map.copyOf(own)));
      }
      BrokerSettings settings = new BrokerSettings(spec, nodes, zooKeeperPort);
      for (Node node : nodes) {
        KraftStorage.write(settings.of(node), node.settings());
      }
      NodeProcess zooKeeper = null;
      if (spec.version().isKraft()) {
        new KraftStorage(spec).format(nodes);
      } else {
        zooKeeper = zooKeeper(spec, folder, zooKeeperPort);
      }
      KafkaJars jars = spec.version().jars();
      KafkaJars classPath =
          spec.secured().isEmpty()
              ? jars
              : jars.with(BrokerJar.write(folder.path().resolve("testkit-broker.jar")));
      List<KafkaBroker> brokers =
          nodes.stream().map(node -> broker(spec, node, classPath)).toList();
      return new ClusterNodes(spec, folder, ports, brokers, zooKeeper);
    } catch (IOException e) {
      folder.close();
      ports.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      folder.close();
      ports.close();
      throw e;
    }
  }

  private static KafkaBroker broker(ClusterSpec spec, Node node, KafkaJars classPath) {
    List<String> jvm = Stream.concat(BROKER_JVM.stream(), spec.jvmArguments().stream()).toList();
    JavaCommand command =
        new JavaCommand(
            classPath, "kafka.Kafka", jvm, List.of(node.settings().toString()), node.folder());
    String name = "broker-" + node.id();
    NodeProcess process = new NodeProcess(name, command, node.folder().resolve(name + ".log"));
    return new KafkaBroker(node, process, new AotCache(spec.version().jars()));
  }

  private static NodeProcess zooKeeper(ClusterSpec spec, ClusterFolder folder, int port)
      throws IOException {
    Path home = Files.createDirectories(folder.path().resolve("zookeeper"));
    Path settings = home.resolve("zookeeper.properties");
    KraftStorage.write(
        Map.of(
            "dataDir",
            home.resolve("data").toString(),
            "clientPort",
            String.valueOf(port),
            "clientPortAddress",
            KafkaCluster.HOST,
            "tickTime",
            "500", // sessions last at least two and at most twenty of these
            "maxClientCnxns",
            "0",
            "admin.enableServer",
            "false"),
        settings);
    JavaCommand command =
        new JavaCommand(
            spec.version().jars(),
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
            ZOOKEEPER_JVM,
            List.of(settings.toString()),
            home);
    return new NodeProcess("zookeeper", command, home.resolve("zookeeper.log"));
  }

  List<KafkaBroker> brokers() {
    return brokers;
  }

  /** Starts everything and does not wait. */
  void launch() {
    if (zooKeeper != null) {
      zooKeeper.launch(List.of());
    }
    Optional<AotCache.Training> chance = mayTrain ? cache.train() : Optional.empty();
    training = chance.orElse(null);
    for (KafkaBroker broker : brokers) {
      if (broker == brokers.getFirst() && chance.isPresent()) {
        broker.launch(chance.map(AotCache.Training::argument));
        trainee = broker.pid();
      } else {
        broker.launch(cache.use());
      }
    }
  }

  /**
   * Has the first broker write the JVM's cache, if that was its task and the test has left it
   * alone. Takes some seconds, once on a machine for each release.
   */
  void finishTraining(Duration limit) {
    KafkaBroker broker = brokers.getFirst();
    AotCache.Training running = training;
    if (running != null
        && broker.isUp()
        && broker.pid() == trainee
        && broker.process().stop(limit)) {
      running.keep();
    }
  }

  private Stream<NodeProcess> processes() {
    return Stream.concat(Stream.ofNullable(zooKeeper), brokers.stream().map(KafkaBroker::process));
  }

  /**
   * Looks whether all that should run does.
   *
   * @throws IllegalStateException with the end of the log of the first that does not
   */
  void checkAlive() {
    if (zooKeeper != null && !zooKeeper.isAlive()) {
      throw dead(zooKeeper);
    }
    for (KafkaBroker broker : brokers) {
      if (broker.isUp() && !broker.isAlive()) {
        throw dead(broker.process());
      }
    }
  }

  private static IllegalStateException dead(NodeProcess process) {
    return new IllegalStateException(process.name() + " has died\n" + process.logExtract());
  }

  /** Whether a process ended because somebody else has its port. */
  boolean lostPort() {
    return processes()
        .anyMatch(process -> !process.isAlive() && process.hasLogged("Address already in use"));
  }

  String logExtracts() {
    return processes().map(NodeProcess::logExtract).collect(Collectors.joining("\n"));
  }

  /** Kills all and deletes their folder. */
  @Override
  public void close() {
    processes().forEach(NodeProcess::beginKill);
    processes().forEach(NodeProcess::kill);
    AotCache.Training running = training;
    if (running != null) {
      running.close();
    }
    folder.close();
    ports.close();
  }
}
