package io.gatehouse.app;

import io.gatehouse.control.Refusal;
import io.gatehouse.control.kafka.FailoverCheck;
import io.gatehouse.control.kafka.KafkaAccess;
import io.gatehouse.control.kafka.SwitchLog;
import io.gatehouse.control.kafka.SwitchRecord;
import io.gatehouse.gateway.FailoverState;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.GatewayStart;
import io.gatehouse.gateway.GatewayStartException;
import io.gatehouse.gateway.settings.FailoverSettings;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.http.Failover;
import io.gatehouse.http.Health;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Switches the clients of this node and all others between clusters. Nothing is opened, and no
 * Kafka client is loaded, unless a cluster has a failover cluster.
 */
final class GatewayFailover implements Failover, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(GatewayFailover.class);

  /** How long to wait at the start for a cluster that does not respond. */
  private static final Duration READ = Duration.ofSeconds(5);

  private static final Duration LEAST = Duration.ofSeconds(1);

  /** How often this node compares where it directs clients with what the nodes have agreed on. */
  private static final Duration CHECK = Duration.ofSeconds(1);

  /** How long to wait after node ids could not be written. */
  private static final Duration SHARE_AGAIN = Duration.ofSeconds(10);

  private static final String MISSING = "The given physical cluster does not exist";

  private final KafkaAccess access;
  private final long begun = System.nanoTime();

  /** By the cluster that is switched. */
  private final Map<String, SwitchLog> logs = new LinkedHashMap<>();

  /** Completed once the gateway has started. */
  private final CompletableFuture<Gateway> started = new CompletableFuture<>();

  /** Why clients are not directed to where the nodes have agreed, by cluster. */
  private final Map<String, String> problems = new ConcurrentHashMap<>();

  private final CountDownLatch closed = new CountDownLatch(1);
  private Instant shareAfter = Instant.MIN;

  /** Begins to find out where clients are directed to, from clusters with a failover cluster. */
  GatewayFailover(GatewaySettings settings, KafkaAccess access) {
    this.access = access;
    settings
        .upstreams()
        .forEach((name, upstream) -> {
          FailoverSettings failover = upstream.failover();
          if (failover != null && failover.topic() != null) {
            SwitchLog.Place place = new SwitchLog.Place(name, failover.to(), failover.topic());
            logs.put(
                name,
                new SwitchLog(
                    access, place, _ -> started.thenAccept(gateway -> follow(gateway, name))));
          }
        });
  }

  /**
   * Where clients were directed to before this node starts, or are by other nodes. Waits for it.
   */
  Map<String, GatewayStart.Switch> known() {
    Map<String, GatewayStart.Switch> all = new HashMap<>();
    Duration left = READ.minusNanos(System.nanoTime() - begun);
    Duration limit = left.compareTo(LEAST) > 0 ? left : LEAST;
    logs.forEach((name, one) -> {
      if (!one.awaitRead(limit)) {
        log.warn(
            "no cluster has told where the clients of the cluster {} are directed to, so this node"
                + " directs them to it",
            name);
      }
      one.current()
          .ifPresent(record -> {
            all.put(name, new GatewayStart.Switch(record.to(), number(record), record.nodeIds()));
            log.info(
                "clients of the cluster {} are directed to the cluster {}, as before",
                name,
                record.to());
          });
    });
    return all;
  }

  /** Directs clients to where they are directed by other nodes from now on. */
  void start(Gateway gateway) {
    started.complete(gateway);
    if (!logs.isEmpty()) {
      Thread.ofVirtual().name("failover").start(() -> watch(gateway));
    }
  }

  /** What was refused once, for instance during a takeover, is tried until it works. */
  private void watch(Gateway gateway) {
    try {
      while (!closed.await(CHECK.toMillis(), TimeUnit.MILLISECONDS)) {
        for (String cluster : logs.keySet()) {
          try {
            follow(gateway, cluster);
            shareNodeIds(gateway, cluster);
          } catch (RuntimeException e) { // the next round may work
            log.error("Unexpected error while following switches of the cluster {}", cluster, e);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Directs clients to where the record in force says, and tells why if that is not possible. */
  private synchronized void follow(Gateway gateway, String cluster) {
    SwitchRecord record = Objects.requireNonNull(logs.get(cluster)).current().orElse(null);
    if (record == null) {
      return;
    }
    try {
      var _ = gateway.assignNodeIds(cluster, record.nodeIds());
      var _ = gateway.switchTo(cluster, record.to(), number(record));
      problems.remove(cluster);
    } catch (GatewayStartException | RuntimeException e) {
      String reason = String.valueOf(e.getMessage());
      if (!reason.equals(problems.put(cluster, reason))) {
        log.error(
            "The clients of the cluster {} cannot be directed to {}: {}. Trying again every second",
            cluster,
            record.to(),
            reason);
      }
    }
  }

  private static int number(SwitchRecord record) {
    return Math.toIntExact(record.generation()); // see SwitchRecord: it is limited
  }

  /** Tells the other nodes of brokers that have got a node id since the switch. */
  private void shareNodeIds(Gateway gateway, String cluster) {
    SwitchLog kept = Objects.requireNonNull(logs.get(cluster));
    SwitchRecord record = kept.current().orElse(null);
    if (record == null || record.to().equals(cluster) || Instant.now().isBefore(shareAfter)) {
      return;
    }
    Map<Integer, Integer> assigned = gateway.assignNodeIds(cluster, Map.of());
    if (!assigned.equals(record.nodeIds())) {
      try {
        var _ = kept.assign(record, assigned);
      } catch (SwitchLog.NotKeptException e) {
        log.warn("New node ids of the cluster {} cannot be kept: {}", record.to(), e.getMessage());
        shareAfter = Instant.now().plus(SHARE_AGAIN);
      }
    }
  }

  /** Whether clients are where the nodes have agreed, for clusters with a failover cluster. */
  List<Health.Check> checks() {
    return logs.keySet().stream()
        .map(cluster -> {
          String problem = problems.get(cluster);
          String name = "failover of " + cluster;
          return problem == null
              ? Health.Check.up(name, Health.Concern.INFORM)
              : Health.Check.down(name, Health.Concern.INFORM, problem);
        })
        .toList();
  }

  @Override
  public List<State> states() {
    return started.join().failovers().stream()
        .map(one -> {
          SwitchLog kept = logs.get(one.cluster());
          long generation =
              kept == null ? 0 : kept.current().map(SwitchRecord::generation).orElse(0L);
          return new State(one.cluster(), one.failover(), one.active(), generation);
        })
        .toList();
  }

  @Override
  public void switchTo(String cluster, String to) throws Refusal {
    Gateway gateway = started.join();
    var _ = state(gateway, cluster, to);
    SwitchLog kept = logs.get(cluster);
    try {
      if (kept == null) {
        var _ = gateway.switchTo(cluster, to);
      } else {
        if (!kept.current().map(SwitchRecord::to).orElse(cluster).equals(to)) {
          var _ = kept.write(to, gateway.assignNodeIds(cluster, Map.of()));
        }
        follow(gateway, cluster);
        String problem = problems.get(cluster);
        if (problem != null) {
          throw new Refusal(
              Refusal.Reason.UNAVAILABLE,
              "The clients of this node were not switched",
              "The other nodes switch theirs. This node tries again every second: " + problem);
        }
      }
    } catch (GatewayStartException e) {
      throw unavailable(e);
    } catch (SwitchLog.NotKeptException e) {
      throw new Refusal(
          Refusal.Reason.UNAVAILABLE,
          "The clients were not switched",
          "No cluster has acknowledged it, so other nodes would not know: %s. With"
                  .formatted(e.getMessage())
              + " upstream.failover.topic: none, each node is switched by itself.");
    }
  }

  @Override
  public List<String> missing(String cluster, String to) throws Refusal {
    FailoverState state = state(started.join(), cluster, to);
    String from = to.equals(cluster) ? state.failover() : cluster;
    try {
      return FailoverCheck.missing(access, from, to);
    } catch (FailoverCheck.FailedException e) {
      throw new Refusal(
          Refusal.Reason.UNAVAILABLE,
          "The clusters cannot be compared",
          String.valueOf(e.getMessage()));
    }
  }

  private static Refusal unavailable(Exception why) {
    return new Refusal(
        Refusal.Reason.UNAVAILABLE,
        "The clients were not switched",
        String.valueOf(why.getMessage()));
  }

  private static FailoverState state(Gateway gateway, String cluster, String to) throws Refusal {
    List<FailoverState> all = gateway.failovers();
    @Nullable FailoverState state =
        all.stream().filter(one -> one.cluster().equals(cluster)).findFirst().orElse(null);
    if (state == null) {
      List<String> names = all.stream().map(FailoverState::cluster).toList();
      throw new Refusal(
          Refusal.Reason.MISSING,
          MISSING,
          "There is no cluster '%s' with a failover cluster; there is %s."
              .formatted(cluster, names.isEmpty() ? "none" : String.join(", ", names)));
    }
    if (!to.equals(cluster) && !to.equals(state.failover())) {
      throw new Refusal(
          Refusal.Reason.MISSING,
          MISSING,
          "The clients of the cluster %s can be directed to %s or %s, not to '%s'."
              .formatted(cluster, cluster, state.failover(), to));
    }
    return state;
  }

  @Override
  public void close() {
    closed.countDown();
    logs.values().forEach(SwitchLog::close);
  }
}
