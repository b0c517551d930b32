package io.gatehouse.gateway;

import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Loops;
import io.gatehouse.gateway.session.Session;
import io.gatehouse.gateway.settings.DrainSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
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
  private final AtomicReference<@Nullable CompletableFuture<Void>> done = new AtomicReference<>();

  Drain(Loops loops, DrainSettings settings) {
    this.loops = loops;
    this.settings = settings;
  }

  boolean isRequested() {
    return done.get() != null;
  }

  /**
   * @param delay how long nothing happens first
   * @param stopListening what is done then, before connections are ended
   */
  CompletableFuture<Void> begin(Duration delay, Runnable stopListening) {
    CompletableFuture<Void> future = new CompletableFuture<>();
    CompletableFuture<Void> before = done.compareAndExchange(null, future);
    if (before != null) {
      return before;
    }
    Runnable end =
        () -> {
          stopListening.run();
          CompletableFuture<?>[] all =
              loops.all().stream()
                  .map(loop -> drain(loop, future))
                  .toArray(CompletableFuture<?>[]::new);
          CompletableFuture.allOf(all).thenRun(() -> future.complete(null));
        };
    if (delay.isZero()) {
      end.run();
    } else {
      loops.next().eventLoop().schedule(end, delay.toMillis(), TimeUnit.MILLISECONDS);
    }
    return future;
  }

  /** Lets connections go on that were not told yet, and new ones. */
  void cancel() {
    CompletableFuture<Void> begun = done.getAndSet(null);
    if (begun != null) {
      begun.cancel(false);
    }
  }

  private CompletableFuture<Void> drain(Loop loop, CompletableFuture<Void> whole) {
    CompletableFuture<Void> empty = new CompletableFuture<>();
    loop.eventLoop()
        .execute(() -> {
          List<Loop.Ticking> open = loop.ticking();
          // The last tenth is left for the last ones to finish what is in flight.
          long spreadMillis = settings.spread() ? settings.time().toMillis() * 9 / 10 : 0;
          for (int i = 0; i < open.size(); i++) {
            if (open.get(i) instanceof Session session) {
              long after = spreadMillis * i / open.size();
              loop.eventLoop()
                  .schedule(
                      () -> {
                        if (!whole.isDone()) {
                          session.drain();
                        }
                      },
                      after,
                      TimeUnit.MILLISECONDS);
            }
          }
          long now = System.nanoTime();
          Times times =
              new Times(
                  now + TimeUnit.MILLISECONDS.toNanos(spreadMillis),
                  now + settings.time().plusMillis(GRACE_MILLIS).toNanos());
          awaitEmpty(loop, times, empty, whole);
        });
    return empty;
  }

  /**
   * @param late from when on every connection is told: some were accepted in the last moment
   * @param end when those that are left are cut off
   */
  private record Times(long late, long end) {}

  private static void awaitEmpty(
      Loop loop, Times times, CompletableFuture<Void> empty, CompletableFuture<Void> whole) {
    List<Loop.Ticking> open = loop.ticking();
    long now = System.nanoTime();
    boolean over = now - times.end > 0;
    if (open.isEmpty() || over || whole.isDone()) {
      if (over && !whole.isDone()) {
        each(open, Session::end);
      }
      empty.complete(null);
      return;
    }
    if (now - times.late >= 0) {
      each(open, Session::drain);
    }
    loop.eventLoop()
        .schedule(() -> awaitEmpty(loop, times, empty, whole), POLL_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static void each(List<Loop.Ticking> all, Consumer<Session> action) {
    for (Loop.Ticking one : all) {
      if (one instanceof Session session) {
        action.accept(session);
      }
    }
  }
}
