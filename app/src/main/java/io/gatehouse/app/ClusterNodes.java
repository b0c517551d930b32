package io.gatehouse.app;

import static io.gatehouse.gateway.metrics.Metrics.gauge;

import io.gatehouse.app.config.AppSettings;
import io.gatehouse.control.kafka.KafkaAccess;
import io.gatehouse.control.node.Membership;
import io.gatehouse.control.node.NodeInfo;
import io.gatehouse.control.node.NodeState;
import io.gatehouse.control.store.Snapshots;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.nodes.Advertised;
import io.gatehouse.gateway.nodes.GatewayNode;
import io.gatehouse.gateway.nodes.Nodes;
import io.gatehouse.http.Health.Check;
import io.gatehouse.http.Health.Concern;
import io.gatehouse.http.Versions;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as one of the nodes of a gateway cluster: tells the others what its listeners
 * advertise, and balances clients over all nodes. Alone until {@link #join}.
 */
final class ClusterNodes implements MultiCollector, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ClusterNodes.class);

  private static final String VERSION = Versions.ofThisBuild().gateway();

  private final AppSettings.Nodes settings;
  private final Gateway gateway;
  private final Snapshots applied;
  private final Instant started = Instant.now();
  private volatile @Nullable String id;
  private volatile @Nullable Membership membership;
  private boolean leaving;

  /**
   * @param applied the resources that this process has applied
   */
  ClusterNodes(AppSettings.Nodes settings, Gateway gateway, Snapshots applied) {
    this.settings = settings;
    this.gateway = gateway;
    this.applied = applied;
  }

  /** Found out when it is needed: the name of the machine may take a while. */
  private String id() {
    String known = id;
    if (known == null) {
      String given = settings.id();
      known = given != null ? given : machine() + "-" + gateway.bootstrap().getFirst().port();
      id = known;
    }
    return known;
  }

  private static String machine() {
    String name = System.getenv("HOSTNAME");
    if (name != null && !name.isBlank()) {
      return name;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "gateway";
    }
  }

  /**
   * Joins the other nodes in the background.
   *
   * @param cluster the upstream cluster that has the topic
   * @param topic the topic whose offsets are the revisions
   */
  void join(KafkaAccess kafka, String cluster, String topic) {
    String given = settings.group();
    String group = given != null ? given : topic.replaceFirst("^_", "").replaceFirst("_state$", "");
    gateway
        .published()
        .forEach((listener, advertised) -> {
          if (settings.loadBalancing() && advertised.isEmpty()) {
            log.info(
                "listener {}: other gateway nodes cannot send clients here, because it has no"
                    + " advertised host",
                listener);
          }
        });
    Membership joined =
        new Membership(
            new Membership.Settings(group, topic),
            new Membership.Source(() -> kafka.properties(cluster), this::own, this::revision),
            this::balance);
    membership = joined;
    var _ = applied.onChange(_ -> joined.onApplied());
  }

  private long revision() {
    return applied.current().revision();
  }

  private NodeInfo own() {
    Map<String, String> listeners = new HashMap<>();
    gateway
        .published()
        .forEach((name, advertised) -> {
          if (!advertised.isEmpty()) {
            listeners.put(name, advertised.toString());
          }
        });
    return new NodeInfo(id(), started, settings.rack(), VERSION, listeners);
  }

  private synchronized void balance(List<NodeInfo> all) {
    if (!settings.loadBalancing()) {
      return;
    }
    List<GatewayNode> others = new ArrayList<>();
    for (NodeInfo node : all) {
      if (!node.id().equals(id())) {
        others.add(new GatewayNode(node.id(), node.rack(), advertised(node)));
      }
    }
    gateway.balance(
        Nodes.of(new GatewayNode(id(), settings.rack(), gateway.published()), leaving, others));
  }

  private static Map<String, Advertised> advertised(NodeInfo node) {
    Map<String, Advertised> listeners = new HashMap<>();
    node.listeners()
        .forEach((name, text) -> {
          try {
            listeners.put(name, Advertised.parse(text));
          } catch (IllegalArgumentException e) {
            log.warn(
                "No client is sent to the listener {} of the gateway node {}: {}",
                name,
                node.id(),
                e.getMessage());
          }
        });
    return listeners;
  }

  /**
   * Leaves the other nodes, so that they send no more clients here. Clients of this process are
   * sent to the others from now on. Waits a few seconds at most.
   */
  void leave() {
    Membership joined = membership;
    if (joined == null) {
      return;
    }
    synchronized (this) {
      leaving = true;
    }
    joined.close();
    balance(joined.nodes());
  }

  /** The live nodes, at least this one. Blocks, at most for some seconds. */
  List<NodeState> states() {
    Membership joined = membership;
    return joined != null ? joined.states() : List.of(new NodeState(own(), true, revision()));
  }

  /** Informational: without the others, this node serves its clients as before. */
  List<Check> checks() {
    Membership joined = membership;
    if (joined == null) {
      return List.of();
    }
    Map<String, String> data = new HashMap<>();
    data.put("id", id());
    data.put("nodes", Integer.toString(joined.nodes().size()));
    String failure = joined.failure();
    if (failure != null) {
      data.put("reason", failure);
    }
    return List.of(new Check("nodes", Concern.INFORM, failure == null, data));
  }

  /** Nothing as long as this process has not joined others. */
  @Override
  public MetricSnapshots collect() {
    Membership joined = membership;
    if (joined == null) {
      return new MetricSnapshots();
    }
    String rack = settings.rack();
    return new MetricSnapshots(
        InfoSnapshot.builder()
            .name("gatehouse_node")
            .help("This gateway node.")
            .dataPoint(
                InfoDataPointSnapshot.builder()
                    .labels(Labels.of("id", id(), "rack", rack == null ? "" : rack))
                    .build())
            .build(),
        gauge(
            "gatehouse_nodes",
            "Known live gateway nodes of this gateway's cluster, including this one.",
            joined.nodes().size()),
        gauge(
            "gatehouse_nodes_joined",
            "Whether this node is a member of the group of gateway nodes.",
            joined.failure() == null ? 1 : 0),
        CounterSnapshot.builder()
            .name("gatehouse_nodes_rebalances")
            .help("Rebalances of the group of gateway nodes.")
            .dataPoint(CounterDataPointSnapshot.builder().value(joined.rebalances()).build())
            .build());
  }

  @Override
  public void close() {
    Membership joined = membership;
    if (joined != null) {
      joined.close();
    }
  }
}
