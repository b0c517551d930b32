package io.gatehouse.gateway;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Loops;
import io.gatehouse.gateway.session.Session;
import io.gatehouse.gateway.settings.DrainSettings;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ends all sessions within the drain time: each as soon as it can, or spread over the time, so that
 * clients do not all come to another gateway at once.
 */
final class Drain {

  private static final long POLL_MILLIS = 20;

  /** What a session may take to end after the drain time: its own lingering. */
  private static final long GRACE_MILLIS = 1500;

  private final Loops loops;
  private final DrainSettings settings;
  private final Runnable stopListening;
  private final AtomicReference<@Nullable CompletableFuture<Void>> done = new AtomicReference<>();

  /**
   * @param stopListening closes the ports; done once the delay has passed
   */
  Drain(Loops loops, DrainSettings settings, Runnable stopListening) {
    this.loops = loops;
    this.settings = settings;
    this.stopListening = stopListening;
  }

  boolean isRequested() {
    return done.get() != null;
  }

  CompletableFuture<Void> begin() {
    CompletableFuture<Void> future = new CompletableFuture<>();
    CompletableFuture<Void> before = done.compareAndExchange(null, future);
    if (before != null) {
      return before;
    }
    if (settings.delay().isZero()) {
      end(future);
    } else {
      loops
          .next()
          .eventLoop()
          .schedule(() -> end(future), settings.delay().toMillis(), TimeUnit.MILLISECONDS);
    }
    return future;
  }

  private void end(CompletableFuture<Void> done) {
    stopListening.run();
    CompletableFuture<?>[] all =
        loops.all().stream().map(this::drain).toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(all).thenRun(() -> done.complete(null));
  }

  private CompletableFuture<Void> drain(Loop loop) {
    CompletableFuture<Void> empty = new CompletableFuture<>();
    loop.eventLoop()
        .execute(() -> {
          List<Loop.Ticking> open = loop.ticking();
          // The last tenth is left for the last ones to finish what is in flight.
          long spread = settings.spread() ? settings.time().toMillis() * 9 / 10 : 0;
          for (int i = 0; i < open.size(); i++) {
            if (open.get(i) instanceof Session session) {
              loop.eventLoop()
                  .schedule(session::drain, spread * i / open.size(), TimeUnit.MILLISECONDS);
            }
          }
          long deadline = System.nanoTime() + settings.time().plusMillis(GRACE_MILLIS).toNanos();
          awaitEmpty(loop, deadline, empty);
        });
    return empty;
  }

  private static void awaitEmpty(Loop loop, long deadline, CompletableFuture<Void> empty) {
    List<Loop.Ticking> open = loop.ticking();
    if (open.isEmpty() || System.nanoTime() - deadline > 0) {
      for (Loop.Ticking one : open) {
        if (one instanceof Session session) {
          session.end();
        }
      }
      empty.complete(null);
    } else {
      loop.eventLoop()
          .schedule(() -> awaitEmpty(loop, deadline, empty), POLL_MILLIS, TimeUnit.MILLISECONDS);
    }
  }
}
