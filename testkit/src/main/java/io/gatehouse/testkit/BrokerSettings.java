package io.gatehouse.testkit;

import io.gatehouse.testkit.broker.RecordingPrincipalBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Broker properties for fast tests: few partitions of internal topics, no delay for further group
 * members, failed brokers are detected after two seconds.
 */
final class BrokerSettings {

  private final ClusterSpec spec;
  private final List<Node> nodes;
  private final int zooKeeperPort;

  /**
   * Creates settings for these nodes.
   *
   * @param zooKeeperPort 0 without ZooKeeper
   */
  BrokerSettings(ClusterSpec spec, List<Node> nodes, int zooKeeperPort) {
    this.spec = spec;
    this.nodes = nodes;
    this.zooKeeperPort = zooKeeperPort;
  }

  /** All properties of one broker. */
  Map<String, String> of(Node node) {
    Map<String, String> settings = new TreeMap<>();
    common(settings, node);
    if (spec.version().isKraft()) {
      kraft(settings, node);
    } else {
      settings.put("broker.id", String.valueOf(node.id()));
      settings.put("zookeeper.connect", KafkaCluster.HOST + ":" + zooKeeperPort);
      settings.put("zookeeper.session.timeout.ms", "2000");
      settings.put(
          "zookeeper.connection.timeout.ms", "30000"); // it starts at the same time as the brokers
    }
    if (spec.version() == KafkaVersion.V4_4) {
      newGroups(settings);
    }
    if (!spec.secured().isEmpty()) {
      settings.put("principal.builder.class", RecordingPrincipalBuilder.class.getName());
      settings.put(RecordingPrincipalBuilder.FILE, node.principals().toString());
    }
    settings.putAll(spec.properties(node.id()));
    return settings;
  }

  private void common(Map<String, String> settings, Node node) {
    String replicas = String.valueOf(Math.min(3, spec.brokers()));
    String minimum = spec.brokers() >= 3 ? "2" : "1";
    settings.put("listeners", listeners(node, spec.version().isKraft()));
    settings.put("advertised.listeners", advertised(node));
    settings.put("inter.broker.listener.name", Node.PLAINTEXT);
    settings.put("listener.security.protocol.map", protocols());
    settings.put("log.dirs", node.data().toString());
    settings.put("auto.create.topics.enable", "false");
    settings.put("offsets.topic.num.partitions", "4");
    settings.put("offsets.topic.replication.factor", replicas);
    // Tests of clients send old records, which retention would delete during the test.
    settings.put("log.retention.ms", "-1");
    settings.put("transaction.state.log.num.partitions", "4");
    settings.put("transaction.state.log.replication.factor", replicas);
    settings.put("transaction.state.log.min.isr", minimum);
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("group.min.session.timeout.ms", "1000");
    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "4");
    settings.put("background.threads", "2");
    settings.put(
        "log.cleaner.dedupe.buffer.size", "4194304"); // the default allocates 128 MiB at the start
    settings.put("replica.fetch.backoff.ms", "100");
  }

  private void kraft(Map<String, String> settings, Node node) {
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", String.valueOf(node.id()));
    settings.put("controller.listener.names", Node.CONTROLLER);
    if (spec.isDynamicQuorum()) {
      settings.put("controller.quorum.bootstrap.servers", controllers(""));
    } else {
      settings.put("controller.quorum.voters", controllers("@"));
    }
    settings.put("controller.quorum.election.timeout.ms", "400");
    settings.put("controller.quorum.election.backoff.max.ms", "200");
    settings.put("broker.heartbeat.interval.ms", "250");
    settings.put("broker.session.timeout.ms", "2000");
  }

  private void newGroups(Map<String, String> settings) {
    settings.put("controller.quorum.append.linger.ms", "2");
    settings.put("share.coordinator.state.topic.num.partitions", "4");
    settings.put(
        "share.coordinator.state.topic.replication.factor",
        String.valueOf(Math.min(3, spec.brokers())));
    settings.put("share.coordinator.state.topic.min.isr", spec.brokers() >= 3 ? "2" : "1");
    settings.put("group.coordinator.rebalance.protocols", "classic,consumer,streams,share");
    for (String kind : List.of("consumer", "share", "streams")) {
      settings.put("group." + kind + ".min.heartbeat.interval.ms", "200");
      settings.put("group." + kind + ".heartbeat.interval.ms", "500");
      settings.put("group." + kind + ".min.session.timeout.ms", "1000");
      settings.put("group." + kind + ".session.timeout.ms", "6000");
      settings.put("group." + kind + ".assignment.interval.ms", "0");
    }
    settings.put("group.streams.initial.rebalance.delay.ms", "0");
    settings.put("group.share.min.record.lock.duration.ms", "1000");
  }

  private String listeners(Node node, boolean withController) {
    return node.ports().keySet().stream()
        .filter(name -> withController || !name.equals(Node.CONTROLLER))
        .sorted()
        .map(name -> name + "://" + node.address(name))
        .collect(Collectors.joining(","));
  }

  private String advertised(Node node) {
    return node.ports().keySet().stream()
        .filter(name -> !name.equals(Node.CONTROLLER))
        .sorted()
        .map(name -> name + "://" + spec.host(name) + ":" + node.port(name))
        .collect(Collectors.joining(","));
  }

  private String protocols() {
    Map<String, String> protocols = new TreeMap<>(spec.listeners());
    protocols.put(Node.PLAINTEXT, "PLAINTEXT");
    if (spec.version().isKraft()) {
      protocols.put(Node.CONTROLLER, "PLAINTEXT");
    }
    return protocols.entrySet().stream()
        .map(entry -> entry.getKey() + ":" + entry.getValue())
        .collect(Collectors.joining(","));
  }

  /**
   * The addresses of all controllers, each preceded by its id and the separator, if there is one.
   */
  private String controllers(String mark) {
    return nodes.stream()
        .map(node -> (mark.isEmpty() ? "" : node.id() + mark) + node.address(Node.CONTROLLER))
        .collect(Collectors.joining(","));
  }
}
