package io.gatehouse.gateway.cluster;

import io.gatehouse.wire.tree.Struct;
import io.netty.util.concurrent.Future;

/** Somewhere the gateway's own requests can be sent, one at a time. */
@FunctionalInterface
public interface RequestSender {

  /** Sends a request; the future completes with the response on the connection's event loop. */
  Future<Struct> ask(OwnRequest request);
}
