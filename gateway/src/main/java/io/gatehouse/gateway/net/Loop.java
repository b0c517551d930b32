package io.gatehouse.gateway.net;

import io.gatehouse.gateway.metrics.LoopMetrics;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * One event loop with what its connections share: read buffers, metrics, a clock that is read once
 * per event, and a tick once a second for deadlines. Confined to the loop's thread unless a method
 * says otherwise.
 */
public final class Loop {

  /** Called about once a second on the loop's thread, to check deadlines. */
  public interface TickListener {
    /**
     * @param now in {@link System#nanoTime}
     */
    void onTick(long now);

    /** Its index in the loop's list, -1 if not added. Set by {@link Loop} only. */
    int tickIndex();

    void setTickIndex(int tickIndex);
  }

  /** Called on the loop's thread when a {@link TickListener} is added or removed. */
  public interface ChangeListener {
    void onAdded(TickListener one);

    void onRemoved(TickListener one);
  }

  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final EventLoop eventLoop;
  private final ReadBuffers buffers;
  private final LoopMetrics metrics = new LoopMetrics();
  private final List<TickListener> tickListeners = new ArrayList<>();

  /** Immutable, so that a listener can remove itself while it is called. */
  private List<ChangeListener> changeListeners = List.of();

  private long now = System.nanoTime();
  private long nextTick;

  /** Written by the loop and read by health checks, to detect a blocked loop. */
  private volatile long tickedAt = System.nanoTime();

  Loop(EventLoop eventLoop, Budget memory) {
    this.eventLoop = eventLoop;
    this.buffers = new ReadBuffers(memory);
  }

  void start() {
    tickedAt = System.nanoTime();
    nextTick = tickedAt + TICK_NANOS;
    eventLoop.scheduleAtFixedRate(this::onTick, TICK_NANOS, TICK_NANOS, TimeUnit.NANOSECONDS);
  }

  /** Releases the buffers. Call it after the loop's thread has ended. */
  void ended() {
    buffers.close();
  }

  public EventLoop eventLoop() {
    return eventLoop;
  }

  public ReadBuffers buffers() {
    return buffers;
  }

  public LoopMetrics metrics() {
    return metrics;
  }

  /** Runs the task on the loop's thread; drops it if the loop is shutting down. Any thread. */
  public void execute(Runnable task) {
    try {
      if (!eventLoop.isShuttingDown()) {
        eventLoop.execute(task);
      }
    } catch (RejectedExecutionException e) {
      // the loop has shut down since the check
    }
  }

  /** Nanoseconds from the last tick to {@code time} ({@link System#nanoTime}). Any thread. */
  long sinceTick(long time) {
    return time - tickedAt;
  }

  /** Reads {@link System#nanoTime} and keeps it for {@link #now}. */
  public long readClock() {
    now = System.nanoTime();
    return now;
  }

  /** The clock as last read, usually at the start of the event being handled. */
  public long now() {
    return now;
  }

  /** Calls the listener at each tick from now on. */
  public void add(TickListener one) {
    one.setTickIndex(tickListeners.size());
    tickListeners.add(one);
    for (ChangeListener each : changeListeners) {
      each.onAdded(one);
    }
  }

  /** Stops calling the listener. Does nothing if it was not added. */
  public void remove(TickListener one) {
    int tickIndex = one.tickIndex();
    if (tickIndex < 0) {
      return;
    }
    TickListener last = tickListeners.removeLast();
    if (one.tickIndex() < tickListeners.size()) {
      tickListeners.set(tickIndex, last);
      last.setTickIndex(tickIndex);
    }
    one.setTickIndex(-1);
    for (ChangeListener each : changeListeners) {
      each.onRemoved(one);
    }
  }

  public void addChangeListener(ChangeListener listener) {
    List<ChangeListener> more = new ArrayList<>(changeListeners);
    more.add(listener);
    changeListeners = List.copyOf(more);
  }

  public void removeChangeListener(ChangeListener listener) {
    changeListeners = changeListeners.stream().filter(each -> !each.equals(listener)).toList();
  }

  /** A copy of the listeners, so that they can be removed while it is iterated. */
  public List<TickListener> tickListeners() {
    return List.copyOf(tickListeners);
  }

  private void onTick() {
    long time = readClock();
    tickedAt = time;
    metrics.lag(time - nextTick);
    nextTick = time + TICK_NANOS;
    buffers.trim();
    for (int i = tickListeners.size() - 1; i >= 0; i--) {
      // A listener may remove itself, which moves the last one, already called, into its place.
      if (i < tickListeners.size()) {
        tickListeners.get(i).onTick(time);
      }
    }
  }
}
