package io.gatehouse.gateway;

import io.gatehouse.gateway.flow.Session;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Loops;
import io.gatehouse.gateway.settings.DrainSettings;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
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
                  .map(loop -> new LoopDrain(loop, future).start())
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

  /** Drains the sessions of one loop. All but {@link #start} runs on the loop. */
  private final class LoopDrain implements Loop.ChangeListener {

    private final Loop loop;
    private final CompletableFuture<Void> whole;
    private final CompletableFuture<Void> empty = new CompletableFuture<>();

    /** Sessions to drain that have not ended, compared by identity. */
    private final Set<Session> open = Collections.newSetFromMap(new IdentityHashMap<>());

    private boolean minimumPassed = minimum.isZero();
    private @Nullable Future<?> deadline;

    LoopDrain(Loop loop, CompletableFuture<Void> whole) {
      this.loop = loop;
      this.whole = whole;
    }

    /** The future completes when no session is left, or the drain is cancelled. */
    CompletableFuture<Void> start() {
      loop.eventLoop().execute(this::begin);
      return empty;
    }

    private void begin() {
      DrainSettings how = settings.get();
      loop.addChangeListener(this);
      whole.whenComplete((_, _) -> loop.execute(this::finish));
      loop.tickListeners().forEach(this::isNew);
      // the last tenth of the time is for the last sessions to finish requests in flight
      long spreadMillis = how.spread() ? how.time().toMillis() * 9 / 10 : 0;
      int i = 0;
      for (Session session : open) {
        schedule(spreadMillis * i++ / open.size(), () -> drain(session));
      }
      if (!minimumPassed) {
        schedule(minimum.toMillis(), this::onMinimumPassed);
      }
      deadline = schedule(how.time().toMillis() + GRACE_MILLIS, this::onDeadline);
      finishIfEmpty();
    }

    private Future<?> schedule(long millis, Runnable task) {
      return loop.eventLoop().schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    /** Adds a session to drain; returns false if it was added before. */
    private boolean isNew(Loop.TickListener one) {
      return one instanceof Session session && which.test(session) && open.add(session);
    }

    private void drain(Session session) {
      if (!empty.isDone() && !whole.isDone()) {
        session.drain();
      }
    }

    /** Drains a session that was accepted during the drain. */
    private void drainLate(Loop.TickListener one) {
      boolean closed = one.tickIndex() < 0;
      if (!closed && isNew(one) && one instanceof Session session) {
        drain(session);
      }
    }

    private void onMinimumPassed() {
      minimumPassed = true;
      // a session may have learned since it was accepted which listener it belongs to (SNI)
      loop.tickListeners().forEach(this::drainLate);
      finishIfEmpty();
    }

    @Override
    public void onAdded(Loop.TickListener one) {
      loop.execute(() -> drainLate(one)); // not now: it is still being set up
    }

    @Override
    public void onRemoved(Loop.TickListener one) {
      if (one instanceof Session session && open.remove(session) && open.isEmpty()) {
        loop.execute(this::finishIfEmpty); // not now: it is still being closed
      }
    }

    private void finishIfEmpty() {
      if (minimumPassed && open.isEmpty()) {
        finish();
      }
    }

    private void onDeadline() {
      if (!whole.isDone()) {
        loop.tickListeners().forEach(this::isNew); // those that learned their listener late (SNI)
        List.copyOf(open).forEach(Session::end); // a copy, since ended sessions are removed
      }
      finish();
    }

    private void finish() {
      loop.removeChangeListener(this);
      if (deadline != null) {
        deadline.cancel(false);
      }
      open.clear();
      empty.complete(null);
    }
  }
}
