package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.cluster.Connection;
import io.gatehouse.gateway.cluster.Target;
import io.gatehouse.gateway.cluster.UpstreamIdentity;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.OutOfDescriptorsException;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connects to a broker for a session. */
final class BrokerConnect {

  private final Session session;
  private final Loop loop;

  /** The broker that is asked for; null: the one that the client came for. */
  private final @Nullable HostPort named;

  private @Nullable Future<Connection> calling;

  /** The broker that was wanted, where another was called because it was not known. */
  private Target.@Nullable Node unknown;

  BrokerConnect(Session session, @Nullable HostPort named) {
    this.session = session;
    this.named = named;
    this.loop = session.loop();
  }

  /**
   * Ends in {@link Session#onConnected} or the session's close.
   *
   * @param local where the client connected to
   */
  void begin(InetSocketAddress local) {
    if (named != null) {
      connect(List.of(named), local);
      return;
    }
    session
        .binding()
        .target()
        .brokers(loop)
        .addListener((Future<List<HostPort>> known) -> connect(known.getNow(), local));
  }

  /** Whether another broker was called than the one that was wanted, as is known by now. */
  boolean isMisplaced(HostPort called) {
    Target.Node wanted = unknown;
    if (wanted == null || (!wanted.cluster().isKnown() && address(wanted) == null)) {
      return false;
    }
    HostPort known = address(wanted);
    return known == null ? !wanted.anyIfUnknown() : !known.equals(called);
  }

  private static @Nullable HostPort address(Target.Node node) {
    return node.cluster().broker(node.id());
  }

  /** The client is gone: nobody needs the connection any more. */
  void cancel() {
    if (calling != null) {
      calling.cancel(false);
    }
  }

  private void connect(List<HostPort> brokers, InetSocketAddress local) {
    if (!session.wantsBroker(named)) {
      return;
    }
    if (!brokers.isEmpty()) {
      loop.metrics().broker(brokers.getFirst().toString()).connecting();
    }
    if (named == null
        && session.binding().target() instanceof Target.Node node
        && address(node) == null) {
      unknown = node;
    }
    ClientContext clientContext = session.clientContext();
    UpstreamIdentity identity =
        new UpstreamIdentity(
            clientContext.account(), clientContext.address(), local, clientContext.clientId());
    Future<Connection> call =
        clientContext.binding().upstream().connector().connect(loop, brokers, identity);
    calling = call;
    call.addListener((Future<Connection> called) -> {
      loop.readClock();
      if (called.isCancelled()) {
        return;
      }
      if (!called.isSuccess()) {
        if (!brokers.isEmpty()) {
          loop.metrics().broker(brokers.getFirst().toString()).failed();
        }
        session.close(
            called.cause() instanceof OutOfDescriptorsException
                ? CloseReason.OUT_OF_DESCRIPTORS
                : CloseReason.BROKER_UNREACHABLE,
            ": " + called.cause().getMessage());
      } else if (!session.wantsBroker(named)) {
        called.getNow().channel().close();
      } else {
        session.onConnected(called.getNow());
      }
    });
  }
}
