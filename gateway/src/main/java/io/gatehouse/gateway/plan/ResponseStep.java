package io.gatehouse.gateway.plan;

import io.netty.buffer.ByteBuf;

/** Decides about a whole response. Runs on the event loop and must not block. */
@FunctionalInterface
public interface ResponseStep {

  /**
   * @param caller the client that receives the response
   * @param frame the response with its length; valid during the call only
   */
  Decision onResponse(Caller caller, ByteBuf frame);
}
