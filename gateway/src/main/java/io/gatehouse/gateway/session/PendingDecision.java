package io.gatehouse.gateway.session;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.Route;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Waits for a decision upon a request or response, for a limited time. */
final class PendingDecision {

  private final Session session;
  private final Consumer<Decision> then;

  private PendingDecision(Session session, Consumer<Decision> then) {
    this.session = session;
    this.then = then;
  }

  /**
   * Has the decision carried out on the session's event loop once it is made; ends the session if
   * it is not made in time.
   */
  static void await(
      Session session, Route route, Decision.Wait wait, Consumer<Decision> carriedOutBy) {
    PendingDecision pending = new PendingDecision(session, carriedOutBy);
    Future<?> deadline =
        session
            .loop()
            .eventLoop()
            .schedule(
                () -> session.close(CloseReason.DECISION_TIMEOUT, ": " + route.name()),
                wait.most().toNanos(),
                TimeUnit.NANOSECONDS);
    wait.decision()
        .addListener((Future<Decision> made) -> {
          deadline.cancel(false);
          // Never at once: the request is still on its way to where it waits.
          session.loop().execute(() -> pending.onMade(made));
        });
  }

  private void onMade(Future<Decision> made) {
    session.loop().readClock();
    if (!made.isSuccess()) {
      session.onBug(made.cause());
    } else if (!session.isClosed()) {
      then.accept(made.getNow());
    } else {
      release(made.getNow());
    }
  }

  /** Lets go of a decision that nobody carries out. */
  static void release(@Nullable Decision decision) {
    if (decision instanceof Decision.Answer answer) {
      answer.frame().release();
    }
  }
}
