package io.gatehouse.gateway.net;

import io.gatehouse.gateway.metrics.LoopMetrics;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * One event loop with what the connections on it share: read buffers, counters, a clock that is
 * read once per event, and a tick that looks after deadlines. Where nothing else is said, it is
 * used by the loop's own thread only.
 */
public final class Loop {

  /** Something on this loop that wants to look at the clock about once a second. */
  public interface Ticking {
    void onTick(long now);

    /** Where the loop keeps it; {@link Loop} alone sets this. */
    int place();

    void setPlace(int place);
  }

  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final EventLoop eventLoop;
  private final ReadBuffers buffers;
  private final LoopMetrics metrics = new LoopMetrics();
  private final List<Ticking> ticking = new ArrayList<>();
  private long now = System.nanoTime();
  private long nextTick;

  /** Written by the loop, read by whoever asks whether it is stuck. */
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

  /** Drops the buffers. To be called when the loop's thread has ended, and with it all reading. */
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

  /** Has the loop's thread do this next, unless it is ending: then nobody is there to care. */
  public void execute(Runnable task) {
    try {
      if (!eventLoop.isShuttingDown()) {
        eventLoop.execute(task);
      }
    } catch (RejectedExecutionException e) {
      // It ended in between.
    }
  }

  /** Nanoseconds from its last tick to a time of {@link System#nanoTime}. From any thread. */
  long sinceTick(long time) {
    return time - tickedAt;
  }

  /** Reads the clock ({@link System#nanoTime}) anew. */
  public long readClock() {
    now = System.nanoTime();
    return now;
  }

  /** The clock as last read: at the start of the event being handled. */
  public long now() {
    return now;
  }

  public void add(Ticking one) {
    one.setPlace(ticking.size());
    ticking.add(one);
  }

  public void remove(Ticking one) {
    int place = one.place();
    if (place < 0) {
      return;
    }
    Ticking last = ticking.removeLast();
    if (one.place() < ticking.size()) {
      ticking.set(place, last);
      last.setPlace(place);
    }
    one.setPlace(-1);
  }

  /** The connections of this loop, for closing them all. A copy: closing removes them. */
  public List<Ticking> ticking() {
    return List.copyOf(ticking);
  }

  private void onTick() {
    long time = readClock();
    tickedAt = time;
    metrics.lag(time - nextTick);
    nextTick = time + TICK_NANOS;
    buffers.trim();
    for (int i = ticking.size() - 1; i >= 0; i--) {
      // A tick may remove its own entry, and then the last one stands in its place: seen already.
      if (i < ticking.size()) {
        ticking.get(i).onTick(time);
      }
    }
  }
}
