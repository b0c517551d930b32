package io.gatehouse.gateway.cluster;

import io.gatehouse.wire.tree.Struct;
import io.netty.util.concurrent.Future;

/** Sends the gateway's own requests to one broker, one at a time. */
@FunctionalInterface
public interface RequestSender {

  /** Sends a request; the future completes with the response on the connection's event loop. */
  Future<Struct> send(GatewayRequest request);
}
