package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.util.concurrent.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a listening port stands for. */
public sealed interface Target {

  String NODE = "node ";
  String BROKER = "broker ";

  /** The brokers to try, in order. Bounded in time; completes on {@code loop}. */
  Future<List<HostPort>> brokers(Loop loop);

  /** Words that {@link #named} understands in another process. */
  default String name() {
    return switch (this) {
      case Any _, Unnamed _ -> "any";
      case Node node -> NODE + node.id();
      case Fixed fixed -> BROKER + fixed.broker();
    };
  }

  /** The one broker that is meant by a {@link #name}; null if it is not one. */
  static @Nullable Target named(String name, Cluster cluster) {
    try {
      if (name.startsWith(NODE)) {
        return new Node(cluster, Integer.parseInt(name.substring(NODE.length())), false);
      }
      return name.startsWith(BROKER)
          ? new Fixed(HostPort.parse(name.substring(BROKER.length())))
          : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Any broker of the cluster. */
  record Any(Cluster cluster) implements Target {
    @Override
    public Future<List<HostPort>> brokers(Loop loop) {
      return loop.eventLoop().newSucceededFuture(cluster.anyBroker());
    }
  }

  /**
   * Any broker of the cluster, for a client that did not say which one it wants: only what every
   * broker can answer may be asked there.
   */
  record Unnamed(Cluster cluster) implements Target {
    @Override
    public Future<List<HostPort>> brokers(Loop loop) {
      return loop.eventLoop().newSucceededFuture(cluster.anyBroker());
    }
  }

  /**
   * The broker with this node id, wherever it is now.
   *
   * @param orAny whether an id never seen leads to any broker instead of none
   */
  record Node(Cluster cluster, int id, boolean orAny) implements Target {
    @Override
    public Future<List<HostPort>> brokers(Loop loop) {
      return cluster.whenKnown(this, loop);
    }
  }

  /** The broker at this address. */
  record Fixed(HostPort broker) implements Target {
    @Override
    public Future<List<HostPort>> brokers(Loop loop) {
      return loop.eventLoop().newSucceededFuture(List.of(broker));
    }
  }
}
