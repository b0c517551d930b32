package io.gatehouse.gateway.plan;

import io.netty.buffer.ByteBuf;

/** Decides about a whole request. Runs on the event loop and must not block. */
@FunctionalInterface
public interface RequestStep {

  /**
   * @param frame the request with its length; valid during the call only
   */
  Decision onRequest(Caller caller, ByteBuf frame);
}
