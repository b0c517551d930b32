package io.gatehouse.gateway.plan;

import io.netty.buffer.ByteBuf;

/** Decides upon a whole request. Runs on the event loop and does not block. */
@FunctionalInterface
public interface RequestStep {

  /**
   * @param frame the request with its length; valid during the call only
   */
  Decision onRequest(Caller caller, ByteBuf frame);
}
