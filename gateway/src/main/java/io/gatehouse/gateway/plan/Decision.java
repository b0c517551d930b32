package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.HostPort;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What becomes of a request or response that was looked at as a whole. */
public sealed interface Decision {

  Decision FORWARD = new Forward(null);

  /**
   * It passes as it came.
   *
   * @param broker where a request goes; null: to the broker that the client came for
   */
  record Forward(@Nullable HostPort broker) implements Decision {}

  /** A request is answered with an error. */
  record Refuse(Refusal refusal) implements Decision {}

  /**
   * The client gets this answer instead. In place of a broker's response it is edited as that would
   * have been: addresses in it become the gateway's.
   *
   * @param frame with its length; owned by the taker, who may write into it
   */
  record Answer(ByteBuf frame) implements Decision {}

  /**
   * The decision comes later. What came after it queues behind it, in order and up to a limit;
   * after {@code most} the connection ends.
   *
   * @param decision completes on any thread, and not with another wait
   */
  record Wait(Future<? extends Decision> decision, Duration most) implements Decision {}

  /**
   * The connection ends.
   *
   * @param detail for the log line, empty or beginning with ": "
   */
  record Close(CloseReason reason, String detail) implements Decision {}
}
