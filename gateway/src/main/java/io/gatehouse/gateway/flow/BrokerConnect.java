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

  /** The broker to connect to; null for the one that the client connected to. */
  private final @Nullable HostPort requested;

  private @Nullable Future<Connection> connecting;

  /** The client's target, if its address was not known and another broker was connected to. */
  private Target.@Nullable Node unknownTarget;

  BrokerConnect(Session session, @Nullable HostPort requested) {
    this.session = session;
    this.requested = requested;
    this.loop = session.loop();
  }

  /**
   * Calls {@link Session#onConnected} or closes the session.
   *
   * @param local the local address of the client's connection
   */
  void begin(InetSocketAddress local) {
    if (requested != null) {
      connect(List.of(requested), local);
      return;
    }
    session
        .binding()
        .target()
        .brokers(loop)
        .addListener((Future<List<HostPort>> known) -> connect(known.getNow(), local));
  }

  /** Whether the connected broker is not the client's target, as is known by now. */
  boolean isWrongBroker(HostPort connected) {
    Target.Node wanted = unknownTarget;
    if (wanted == null || (!wanted.cluster().isKnown() && address(wanted) == null)) {
      return false;
    }
    HostPort known = address(wanted);
    return known == null ? !wanted.anyIfUnknown() : !known.equals(connected);
  }

  private static @Nullable HostPort address(Target.Node node) {
    return node.cluster().broker(node.id());
  }

  /** Cancels the attempt, after the client has disconnected. */
  void cancel() {
    if (connecting != null) {
      connecting.cancel(false);
    }
  }

  private void connect(List<HostPort> brokers, InetSocketAddress local) {
    if (!session.needsBroker(requested)) {
      return;
    }
    if (!brokers.isEmpty()) {
      loop.metrics().broker(brokers.getFirst().toString()).connecting();
    }
    if (requested == null
        && session.binding().target() instanceof Target.Node node
        && address(node) == null) {
      unknownTarget = node;
    }
    ClientContext clientContext = session.clientContext();
    UpstreamIdentity identity =
        new UpstreamIdentity(
            clientContext.gatewayLogin(), clientContext.address(), local, clientContext.clientId());
    Future<Connection> attempt =
        clientContext.binding().upstream().connector().connect(loop, brokers, identity);
    connecting = attempt;
    attempt.addListener((Future<Connection> connected) -> {
      loop.readClock();
      if (connected.isCancelled()) {
        return;
      }
      if (!connected.isSuccess()) {
        if (!brokers.isEmpty()) {
          loop.metrics().broker(brokers.getFirst().toString()).failed();
        }
        session.close(
            connected.cause() instanceof OutOfDescriptorsException
                ? CloseReason.OUT_OF_DESCRIPTORS
                : CloseReason.BROKER_UNREACHABLE,
            ": " + connected.cause().getMessage());
      } else if (!session.needsBroker(requested)) {
        connected.getNow().channel().close();
      } else {
        session.onConnected(connected.getNow());
      }
    });
  }
}
