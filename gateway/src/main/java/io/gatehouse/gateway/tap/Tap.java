package io.gatehouse.gateway.tap;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An open tap: a bounded queue of frames from event loops to one reader. Frames over the rate or
 * beyond the queue's bounds are counted and left out; event loops never wait.
 */
public final class Tap implements AutoCloseable {

  /** Limit in bytes; larger frames are shown without their bodies. */
  static final int MAX_BODY_BYTES = 64 << 10;

  /** Bounds of the queue, in frames and in bytes including {@link #FRAME_OVERHEAD}. */
  static final int MAX_FRAMES = 4_096;

  static final int MAX_BYTES = 2 << 20;

  /** Estimated memory of a frame without its body, in bytes. */
  private static final int FRAME_OVERHEAD = 256;

  /** Minimum time between two lines about omitted frames. */
  private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** A frame that waits for the reader. */
  private static final class QueuedFrame {
    final TapFrame frame;
    final byte @Nullable [] body;

    QueuedFrame(TapFrame frame, byte @Nullable [] body) {
      this.frame = frame;
      this.body = body;
    }

    int bytes() {
      return FRAME_OVERHEAD + (body == null ? 0 : body.length);
    }
  }

  private final Taps taps;
  private final TapOptions options;
  private final long begin = System.nanoTime();
  private final Queue<QueuedFrame> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger frames = new AtomicInteger();
  private final AtomicInteger bytes = new AtomicInteger();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong rateLimited = new AtomicLong();

  /** Theoretical arrival time of the next frame in the rate limit (GCRA). */
  private final AtomicLong due = new AtomicLong(System.nanoTime() - SECOND);

  private volatile @Nullable Thread reader;
  private volatile boolean waiting;
  private volatile boolean ended;

  // Used by the reader only.
  private long shown;
  private long reportedAt = System.nanoTime() - REPORT_NANOS;

  Tap(Taps taps, TapOptions options) {
    this.taps = taps;
    this.options = options;
  }

  // ---- on event loops ---------------------------------------------------------------------------

  /**
   * Queues a frame if it matches and is within the rate and the queue's bounds.
   *
   * @param now in {@link System#nanoTime}
   * @param in the received part of the frame without its length; copied, not retained
   */
  public void offer(TapFrame frame, @Nullable ByteBuf in, long now) {
    if (ended || !options.filter().matches(frame.peer(), frame.request().apiKey())) {
      return;
    }
    if (!tryAcquire(now)) {
      rateLimited.incrementAndGet();
      return;
    }
    int length = bodyLength(frame, in);
    int cost = FRAME_OVERHEAD + Math.max(0, length);
    if (frames.incrementAndGet() > MAX_FRAMES) {
      frames.decrementAndGet();
      dropped.incrementAndGet();
      return;
    }
    if (bytes.addAndGet(cost) > MAX_BYTES) {
      bytes.addAndGet(-cost);
      frames.decrementAndGet();
      dropped.incrementAndGet();
      return;
    }
    byte[] body = null;
    if (in != null && length >= 0) {
      body = new byte[length];
      in.getBytes(in.readerIndex(), body);
    }
    queue.add(new QueuedFrame(frame, body));
    if (waiting) {
      waiting = false;
      LockSupport.unpark(reader);
    }
  }

  /** Number of bytes to copy; negative if the body is not shown. */
  private int bodyLength(TapFrame frame, @Nullable ByteBuf in) {
    int length = frame.bytes() - Integer.BYTES;
    return options.bodies()
            && in != null
            && length <= MAX_BODY_BYTES
            && in.readableBytes() == length
        ? length
        : -1;
  }

  private boolean tryAcquire(long now) {
    long interval = SECOND / options.perSecond();
    while (true) {
      long expected = due.get();
      long from = expected - (now - SECOND) > 0 ? expected : now - SECOND;
      long next = from + interval;
      if (next - now > 0) {
        return false;
      }
      if (due.compareAndSet(expected, next)) {
        return true;
      }
    }
  }

  // ---- on the reader's thread -------------------------------------------------------------------

  /**
   * Waits for the next frame and renders it as one line of JSON, without a line end.
   *
   * @param timeout how long to wait
   * @return null after the timeout, or if the tap has ended
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public @Nullable String next(Duration timeout) throws InterruptedException {
    reader = Thread.currentThread();
    long until = System.nanoTime() + timeout.toNanos();
    while (!isEnded()) {
      String omissions = omissions();
      if (omissions != null) {
        return omissions;
      }
      QueuedFrame queued = queue.poll();
      if (queued != null) {
        frames.decrementAndGet();
        bytes.addAndGet(-queued.bytes());
        shown++;
        return TapLine.of(queued.frame, options.bodies(), queued.body);
      }
      long left = Math.min(until - System.nanoTime(), timeLeft());
      if (left <= 0) {
        return null;
      }
      await(left);
    }
    return null;
  }

  private void await(long nanos) throws InterruptedException {
    waiting = true;
    if (queue.isEmpty() && !ended) {
      LockSupport.parkNanos(this, nanos);
    }
    waiting = false;
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** Whether there will be no further line. */
  public boolean isEnded() {
    return ended || (options.count() > 0 && shown >= options.count()) || timeLeft() <= 0;
  }

  /** Frames shown so far. */
  public long shown() {
    return shown;
  }

  private long timeLeft() {
    Duration time = options.time();
    return time.isZero() ? Long.MAX_VALUE : begin + time.toNanos() - System.nanoTime();
  }

  /** A line about frames omitted since the last such line, at most once a second; null for none. */
  private @Nullable String omissions() {
    if ((dropped.get() == 0 && rateLimited.get() == 0)
        || System.nanoTime() - reportedAt < REPORT_NANOS) {
      return null;
    }
    reportedAt = System.nanoTime();
    return TapLine.omissions(dropped.getAndSet(0), rateLimited.getAndSet(0));
  }

  /** Bytes in the queue. */
  int queuedBytes() {
    return bytes.get();
  }

  /** Ends the tap and wakes the reader. */
  @Override
  public void close() {
    ended = true;
    taps.remove(this);
    LockSupport.unpark(reader);
  }
}
