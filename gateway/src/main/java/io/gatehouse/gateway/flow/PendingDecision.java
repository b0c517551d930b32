package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.Route;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Waits for a decision upon a request or response, for a limited time. */
final class PendingDecision {

  private PendingDecision() {}

  /**
   * Has the decision carried out on the session's event loop once it is made; ends the session if
   * it is not made in time.
   *
   * @param path where the frame waits
   */
  static void await(Session session, Route route, Decision.Wait wait, FrameCutter path) {
    Future<?> deadline =
        session
            .loop()
            .eventLoop()
            .schedule(
                () -> session.close(CloseReason.DECISION_TIMEOUT, ": " + route.name()),
                wait.timeout().toNanos(),
                TimeUnit.NANOSECONDS);
    wait.decision()
        .addListener((Future<Decision> made) -> {
          deadline.cancel(false);
          // Never at once: the frame is still on its way to where it waits.
          session.loop().execute(() -> onMade(session, path, made));
        });
  }

  private static void onMade(Session session, FrameCutter path, Future<Decision> made) {
    session.loop().readClock();
    if (made.isSuccess()) {
      path.onDecided(made.getNow());
      session.onEventEnd();
    } else {
      session.onBug(made.cause());
    }
  }
}
