package io.gatehouse.gateway.session;

import io.gatehouse.gateway.link.Caller;
import io.gatehouse.gateway.link.Connection;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Calls the broker that a session's client came for. */
final class BrokerCall {

  private final Session session;
  private final Loop loop;
  private @Nullable Future<Connection> calling;

  BrokerCall(Session session) {
    this.session = session;
    this.loop = session.loop();
  }

  /**
   * Ends in {@link Session#toOpen} or the session's close.
   *
   * @param local where the client connected to
   */
  void begin(InetSocketAddress local) {
    session
        .entrance()
        .target()
        .brokers(loop)
        .addListener((Future<List<HostPort>> known) -> connect(known.getNow(), local));
  }

  /** The client is gone: nobody needs the connection any more. */
  void cancel() {
    if (calling != null) {
      calling.cancel(false);
    }
  }

  private void connect(List<HostPort> brokers, InetSocketAddress local) {
    if (session.state() != Session.State.DIALLING) {
      return;
    }
    if (!brokers.isEmpty()) {
      loop.metrics().broker(brokers.getFirst().toString()).connecting();
    }
    Visitor visitor = session.visitor();
    Future<Connection> call =
        visitor
            .entrance()
            .upstream()
            .connector()
            .connect(loop, brokers, new Caller(visitor.account(), visitor.address(), local));
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
        session.close(CloseReason.BROKER_UNREACHABLE, ": " + called.cause().getMessage());
      } else if (session.state() != Session.State.DIALLING) {
        called.getNow().channel().close();
      } else {
        session.toOpen(called.getNow());
      }
    });
  }
}
