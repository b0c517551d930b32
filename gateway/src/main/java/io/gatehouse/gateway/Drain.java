package io.gatehouse.gateway;

import io.gatehouse.gateway.flow.Session;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Loops;
import io.gatehouse.gateway.settings.DrainSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Drains sessions within the drain time: each as soon as it has no request in flight, or spread
 * over the time so that clients do not all reconnect to other gateways at once.
 */
final class Drain {

  private static final long POLL_MILLIS = 20;

  /** Time after the drain time for sessions in state LINGERING to end. */
  private static final long GRACE_MILLIS = 1500;

  private final Loops loops;
  private final Supplier<DrainSettings> settings;
  private final Predicate<Session> which;
  private final Duration minimum;
  private final AtomicReference<@Nullable CompletableFuture<Void>> done = new AtomicReference<>();

  /** Drains all sessions. */
  Drain(Loops loops, Supplier<DrainSettings> settings) {
    this(loops, settings, _ -> true, Duration.ZERO);
  }

  /**
   * @param which the sessions to drain
   * @param minimum how long to look for sessions even while there are none, since a connection may
   *     have been accepted just before
   */
  Drain(Loops loops, Supplier<DrainSettings> settings, Predicate<Session> which, Duration minimum) {
    this.loops = loops;
    this.settings = settings;
    this.which = which;
    this.minimum = minimum;
  }

  boolean isRequested() {
    return done.get() != null;
  }

  /**
   * Starts to drain, unless that has been requested already. The future completes when no session
   * is left.
   *
   * @param delay how long to wait first
   * @param stopListening run after the delay, before sessions are drained
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

  /** Cancels the drain: sessions that were not drained yet go on. */
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
          DrainSettings how = settings.get();
          List<Session> open = open(loop);
          // the last tenth of the time is for the last sessions to finish requests in flight
          long spreadMillis = how.spread() ? how.time().toMillis() * 9 / 10 : 0;
          for (int i = 0; i < open.size(); i++) {
            Session session = open.get(i);
            loop.eventLoop()
                .schedule(
                    () -> {
                      if (!whole.isDone()) {
                        session.drain();
                      }
                    },
                    spreadMillis * i / open.size(),
                    TimeUnit.MILLISECONDS);
          }
          long now = System.nanoTime();
          Times times =
              new Times(
                  now + minimum.toNanos(),
                  now + TimeUnit.MILLISECONDS.toNanos(spreadMillis),
                  now + how.time().plusMillis(GRACE_MILLIS).toNanos());
          awaitEmpty(loop, times, empty, whole);
        });
    return empty;
  }

  /**
   * Times in {@link System#nanoTime}.
   *
   * @param minimum until when to look for sessions at least
   * @param lateAt from when on sessions accepted during the drain are drained too
   * @param end when remaining sessions are closed
   */
  private record Times(long minimum, long lateAt, long end) {}

  private void awaitEmpty(
      Loop loop, Times times, CompletableFuture<Void> empty, CompletableFuture<Void> whole) {
    List<Session> open = open(loop);
    long now = System.nanoTime();
    boolean over = now - times.end > 0;
    if ((open.isEmpty() && now - times.minimum >= 0) || over || whole.isDone()) {
      if (over && !whole.isDone()) {
        open.forEach(Session::end);
      }
      empty.complete(null);
      return;
    }
    if (now - times.lateAt >= 0) {
      open.forEach(Session::drain);
    }
    loop.eventLoop()
        .schedule(() -> awaitEmpty(loop, times, empty, whole), POLL_MILLIS, TimeUnit.MILLISECONDS);
  }

  private List<Session> open(Loop loop) {
    List<Session> open = new ArrayList<>();
    for (Loop.TickListener one : loop.tickListeners()) {
      if (one instanceof Session session && which.test(session)) {
        open.add(session);
      }
    }
    return open;
  }
}
