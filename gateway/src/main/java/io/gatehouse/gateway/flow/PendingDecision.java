package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.Route;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Waits, for a limited time, for an asynchronous decision about a request or response. */
final class PendingDecision {

  private PendingDecision() {}

  /**
   * Passes the decision to the path on the session's event loop when it is made. Closes the session
   * if that takes too long.
   *
   * @param path where the frame waits
   */
  static void await(Session session, Route route, Decision.Wait wait, DecidedFrames path) {
    Future<?> deadline =
        session
            .loop()
            .eventLoop()
            .schedule(
                () -> session.close(CloseReason.DECISION_TIMEOUT, ": " + route.name()),
                wait.timeout().toNanos(),
                TimeUnit.NANOSECONDS);
    Audit audit = session.services().shared().audit();
    Audit.Subject subject = session.clientContext().subject();
    wait.decision()
        .addListener((Future<Decision> made) -> {
          // Told here, because the session may be closed by now.
          if (made.isSuccess()
              && made.getNow() instanceof Decision.Answer answer
              && answer.audited() != null) {
            audit.change(subject, answer.audited());
          }
          deadline.cancel(false);
          // Never synchronously: the path has not paused yet.
          session.loop().execute(() -> onMade(session, path, made));
        });
  }

  private static void onMade(Session session, DecidedFrames path, Future<Decision> made) {
    session.loop().readClock();
    if (made.isSuccess()) {
      path.onDecided(made.getNow());
      session.onEventEnd();
    } else {
      session.onInternalError(made.cause());
    }
  }
}
