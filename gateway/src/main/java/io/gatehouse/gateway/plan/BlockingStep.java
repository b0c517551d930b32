package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/** A step that reads requests and carries them out on virtual threads, a few at once. */
public final class BlockingStep implements RequestStep {

  private static final int MAX_AT_ONCE = 8;

  /** Longer than a store may take to answer. */
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final Decision BUSY =
      new Decision.Refuse(
          new ErrorRefusal(RefusalReason.STORE_BUSY, "has to wait: too many requests do"));

  /** What is done with a request. */
  @FunctionalInterface
  public interface Work {

    /**
     * Carries a request out. May block.
     *
     * @param frame the request with its length
     * @throws MalformedMessage if it is not such a request; the session then closes
     */
    Decision carryOut(Caller caller, ByteBuf frame);
  }

  private final String name;
  private final int maxBytes;
  private final Work work;
  private final Decision tooLarge;
  private final Semaphore permits = new Semaphore(MAX_AT_ONCE);

  /**
   * @param name of its threads
   * @param maxBytes a larger request is refused
   */
  public BlockingStep(String name, int maxBytes, Work work) {
    this.name = name;
    this.maxBytes = maxBytes;
    this.work = work;
    this.tooLarge =
        new Decision.Refuse(
            new ErrorRefusal(
                RefusalReason.REQUEST_TOO_LARGE,
                "takes at most %d bytes at this gateway: %s"
                    .formatted(maxBytes, RefusalReason.REQUEST_TOO_LARGE.advice())));
  }

  @Override
  public Decision onRequest(Caller caller, ByteBuf frame) {
    if (frame.readableBytes() > maxBytes) {
      return tooLarge;
    }
    if (!permits.tryAcquire()) {
      return BUSY;
    }
    ByteBuf request = Unpooled.copiedBuffer(frame);
    Promise<Decision> made = ImmediateEventExecutor.INSTANCE.newPromise();
    Thread.ofVirtual()
        .name(name)
        .start(() -> {
          Decision decision;
          try {
            decision = work.carryOut(caller, request);
          } catch (MalformedMessage e) {
            decision = new Decision.Close(CloseReason.MALFORMED_REQUEST, ": " + e.getMessage());
          } catch (RuntimeException | Error e) {
            made.setFailure(e);
            return;
          } finally {
            permits.release();
          }
          made.setSuccess(decision);
        });
    return new Decision.Wait(made, DEADLINE);
  }
}
