package io.gatehouse.app.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import io.gatehouse.auth.OutageLog;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/**
 * Writes the audit log on its own thread, so that no event loop waits for a disk. A line is dropped
 * when the queue is full, when the configured rate is exceeded, or when it cannot be written. The
 * log reports the number of dropped lines at most once a second.
 */
final class AuditAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {

  /** How many lines may wait to be written. */
  static final int QUEUE = 8192;

  private static final long STOP_MILLIS = 2000;

  private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Wakes the writer when there is something to do other than writing an event. */
  private static final ILoggingEvent WAKE_UP = new LoggingEvent();

  /** The destination of the lines. Only the writer's thread uses it. */
  interface Target extends AutoCloseable {
    void write(byte[] line) throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Why a line was dropped. */
  enum Cause {
    RATE,
    QUEUE,
    WRITE;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Dropped lines since the process started. */
  private static final AtomicLongArray DROPPED = new AtomicLongArray(Cause.values().length);

  private final Encoder<ILoggingEvent> encoder;
  private final Target target;
  private final RateLimit successes;
  private final RateLimit others;
  private final BlockingQueue<ILoggingEvent> queue = new ArrayBlockingQueue<>(QUEUE);
  private final OutageLog troubles = new OutageLog(LoggerFactory.getLogger(AuditAppender.class));

  /** Dropped lines that the log has not reported yet. */
  private final AtomicLongArray unreported = new AtomicLongArray(Cause.values().length);

  /** Whether {@link #unreported} has a count above zero. */
  private final AtomicBoolean hasUnreported = new AtomicBoolean();

  private final Thread writer =
      Thread.ofPlatform().daemon().name("audit-log").unstarted(this::writeAll);

  /**
   * @param rate how many lines a second to write of successful logins, and how many of all other
   *     events. The two are limited separately, so that a flood of failures does not displace
   *     successes. Zero means no limit.
   */
  AuditAppender(Encoder<ILoggingEvent> encoder, Target target, int rate) {
    this.encoder = encoder;
    this.target = target;
    this.successes = new RateLimit(rate);
    this.others = new RateLimit(rate);
  }

  /** How many lines were dropped since the process started, by cause. */
  static Map<String, Long> dropped() {
    Map<String, Long> all = new TreeMap<>();
    for (Cause cause : Cause.values()) {
      all.put(cause.label(), DROPPED.get(cause.ordinal()));
    }
    return all;
  }

  @Override
  public void start() {
    super.start();
    writer.start();
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (!(isSuccess(event) ? successes : others).take(System.nanoTime())) {
      drop(Cause.RATE);
      return;
    }
    // The event computes these lazily: both must come from the thread that logs.
    var _ = event.getThreadName();
    var _ = event.getFormattedMessage();
    if (!queue.offer(event)) {
      drop(Cause.QUEUE);
    }
  }

  private static boolean isSuccess(ILoggingEvent event) {
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    return pairs != null
        && pairs.stream()
            .anyMatch(pair -> pair.key.equals("result") && "success".equals(pair.value));
  }

  private void drop(Cause cause) {
    DROPPED.incrementAndGet(cause.ordinal());
    unreported.incrementAndGet(cause.ordinal());
    if (hasUnreported.compareAndSet(false, true)) {
      wakeUp();
    }
  }

  /** A full queue needs no marker: the writer is not waiting then. */
  private void wakeUp() {
    var _ = queue.offer(WAKE_UP);
  }

  /** Gives the writer a limited time to write the lines that are still queued. */
  @Override
  public void stop() {
    if (!isStarted()) {
      return;
    }
    super.stop();
    wakeUp();
    try {
      writer.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("ReferenceEquality") // WAKE_UP is one object
  private void writeAll() {
    long reportedAt = System.nanoTime() - REPORT_NANOS;
    try (target) {
      boolean finished;
      do {
        boolean stopping = !isStarted();
        ILoggingEvent event = stopping ? queue.poll() : next(reportedAt);
        if (event != null && !event.equals(WAKE_UP)) {
          write(event);
        }
        finished = stopping && event == null;
        long now = System.nanoTime();
        if ((finished || now - reportedAt >= REPORT_NANOS)
            && hasUnreported.compareAndSet(true, false)) {
          reportedAt = now;
          reportDropped();
        }
      } while (!finished);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      troubles.failed("The audit log cannot be closed: " + e);
    }
  }

  /** Waits for the next event or, where dropped lines are to be reported, until that is due. */
  private @Nullable ILoggingEvent next(long reportedAt) throws InterruptedException {
    return hasUnreported.get()
        ? queue.poll(reportedAt + REPORT_NANOS - System.nanoTime(), TimeUnit.NANOSECONDS)
        : queue.take();
  }

  private void write(ILoggingEvent event) {
    try {
      target.write(encoder.encode(event));
      troubles.works("The audit log");
    } catch (IOException e) {
      drop(Cause.WRITE);
      troubles.failed("The audit log cannot be written: " + e);
    }
  }

  private void reportDropped() {
    LoggingEvent line =
        new LoggingEvent(
            AuditAppender.class.getName(),
            ((LoggerContext) getContext()).getLogger(Logging.AUDIT),
            Level.WARN,
            "audit lines dropped",
            null,
            null);
    for (Cause cause : Cause.values()) {
      long count = unreported.getAndSet(cause.ordinal(), 0);
      if (count > 0) {
        line.addKeyValuePair(new KeyValuePair(cause.label(), count));
      }
    }
    try {
      target.write(encoder.encode(line));
    } catch (IOException e) {
      troubles.failed("The audit log cannot be written: " + e);
    }
  }
}
