package io.gatehouse.gateway;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Loops;
import io.gatehouse.gateway.session.Session;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Ends all sessions without haste: some now, some later, all within the drain time. */
final class Drain {

  private static final long POLL_MILLIS = 20;

  /** What a session may take to end after the drain time: its own lingering. */
  private static final long GRACE_MILLIS = 1500;

  private final Loops loops;
  private final Duration time;
  private final AtomicReference<@Nullable CompletableFuture<Void>> done = new AtomicReference<>();

  Drain(Loops loops, Duration time) {
    this.loops = loops;
    this.time = time;
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
    CompletableFuture<?>[] all =
        loops.all().stream().map(this::drain).toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(all).thenRun(() -> future.complete(null));
    return future;
  }

  private CompletableFuture<Void> drain(Loop loop) {
    CompletableFuture<Void> empty = new CompletableFuture<>();
    loop.eventLoop()
        .execute(() -> {
          List<Loop.Ticking> open = loop.ticking();
          // The last tenth is left for the last ones to finish what is in flight.
          long spread = time.toMillis() * 9 / 10;
          for (int i = 0; i < open.size(); i++) {
            if (open.get(i) instanceof Session session) {
              loop.eventLoop()
                  .schedule(session::drain, spread * i / open.size(), TimeUnit.MILLISECONDS);
            }
          }
          long deadline = System.nanoTime() + time.plusMillis(GRACE_MILLIS).toNanos();
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
