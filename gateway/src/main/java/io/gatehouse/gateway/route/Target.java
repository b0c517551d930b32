package io.gatehouse.gateway.route;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.util.concurrent.Future;
import java.util.List;

/** What a listening port stands for. */
public sealed interface Target {

  /** The brokers to try, in order. Bounded in time; completes on {@code loop}. */
  Future<List<HostPort>> brokers(Loop loop);

  /** Any broker of the cluster. */
  record Any(Cluster cluster) implements Target {
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
