package io.gatehouse.gateway.session;

import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Looks for acks=0 in produce requests as they pass: those will not be answered. */
final class AcksWatch {

  private @Nullable Walker walker;
  private boolean walking;

  /**
   * Begins with a request whose head of {@code head} bytes has been read.
   *
   * @param length of the request, its own four bytes left out
   */
  void start(Program program, int head, int length) {
    Walker walks = walker == null ? new Walker() : walker;
    walks.start(program, head, length);
    walker = walks;
    walking = true;
  }

  /**
   * Takes the request's next bytes.
   *
   * @return true once, when they say acks=0
   * @throws io.gatehouse.wire.MalformedMessage if they are no such request
   */
  boolean sees(ByteBuf in, int from, int to) {
    Walker walks = walker;
    if (!walking || walks == null) {
      return false;
    }
    walks.feed(in, from, to);
    switch (walks.next()) {
      case FIELD -> {
        walking = false;
        return walks.number() == 0;
      }
      case FINISHED -> walking = false;
      default -> {}
    }
    return false;
  }

  boolean isWatching() {
    return walking;
  }
}
