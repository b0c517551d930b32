package io.gatehouse.gateway.cluster;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.util.concurrent.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The broker or brokers that a listening port or server name leads to. */
public sealed interface Target {

  String NODE = "node ";
  String BROKER = "broker ";

  /** The brokers to try, in order. Completes within the connect timeout, on {@code loop}. */
  Future<List<HostPort>> brokers(Loop loop);

  /** A text form, which {@link #parse} of another process can read. */
  default String name() {
    return switch (this) {
      case Any _, Unnamed _ -> "any";
      case Node node -> NODE + node.id();
      case Fixed fixed -> BROKER + fixed.broker();
    };
  }

  /** The target of a {@link #name}; null if that is not a single broker. */
  static @Nullable Target parse(String name, Cluster cluster) {
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
   * Any broker of the cluster, for a client without a server name, which may only send requests
   * that every broker can answer.
   */
  record Unnamed(Cluster cluster) implements Target {
    @Override
    public Future<List<HostPort>> brokers(Loop loop) {
      return loop.eventLoop().newSucceededFuture(cluster.anyBroker());
    }
  }

  /**
   * The broker with this node id, at its current address.
   *
   * @param id as clients know it
   * @param anyIfUnknown whether an unknown id leads to any broker instead of none. Always so in a
   *     cluster that clients are switched to, since the other may have more brokers
   */
  record Node(Cluster cluster, int id, boolean anyIfUnknown) implements Target {
    public Node {
      anyIfUnknown |= cluster.ids().areShared();
    }

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
