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

/** The processes, the folder and the ports of a cluster. */
final class ClusterNodes implements AutoCloseable {

  private static final List<String> BROKER_JVM =
      List.of(
          "-Xmx320m",
          "-Dorg.slf4j.simpleLogger.logFile=System.out",
          "-Dorg.slf4j.simpleLogger.showDateTime=true",
          "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
          // Logs many lines a second while another broker is down.
          "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.clients.NetworkClient=error",
          // Logs hundreds of lines of settings at every start.
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

  /** Creates folders and settings without starting anything. */
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
            "500", // sessions last from two to twenty ticks
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

  /** Starts all processes without waiting. */
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
   * Makes the first broker write the AOT cache, if it was started for that and is still running.
   * Takes a few seconds, once per machine and release.
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
   * Checks that all processes are running that should be.
   *
   * @throws IllegalStateException with the end of the log of the first process that is not running
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

  /** Whether a process ended because its port is in use. */
  boolean lostPort() {
    return processes()
        .anyMatch(process -> !process.isAlive() && process.hasLogged("Address already in use"));
  }

  String logExtracts() {
    return processes().map(NodeProcess::logExtract).collect(Collectors.joining("\n"));
  }

  /** Kills all processes and deletes their folder. */
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
