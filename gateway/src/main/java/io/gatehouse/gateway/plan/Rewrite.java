package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.route.AddressBook;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Rewrites one whole response of a low-rate api. */
@FunctionalInterface
public interface Rewrite {

  /**
   * @param frame from the correlation id to the end; not released here
   * @return the new frame, without its length
   * @throws io.gatehouse.wire.MalformedMessage if the frame cannot be read
   */
  ByteBuf apply(ByteBuf frame, View view);

  /**
   * What a session lends to it.
   *
   * @param local where the client connected to
   */
  record View(AddressBook addresses, HostPort local, ByteBufAllocator allocator) {}
}
