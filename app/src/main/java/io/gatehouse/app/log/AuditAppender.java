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
import java.util.concurrent.atomic.AtomicLongArray;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/**
 * Writes the log of logins and refusals by a thread of its own, so that no event loop waits for a
 * disk. A line is left out when too many wait, when there are more in a second than the settings
 * allow, or when it cannot be written; what was left out is counted, and told once a second.
 */
final class AuditAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {

  /** Lines that wait to be written. */
  static final int QUEUE = 8192;

  private static final long STOP_MILLIS = 2000;

  /** Where lines go. One thread uses it. */
  interface Target extends AutoCloseable {
    void write(byte[] line) throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Why a line is left out. */
  enum Cause {
    RATE,
    QUEUE,
    WRITE;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Since the process began. */
  private static final AtomicLongArray LEFT_OUT = new AtomicLongArray(Cause.values().length);

  private final Encoder<ILoggingEvent> encoder;
  private final Target target;
  private final LinesPerSecond successes;
  private final LinesPerSecond others;
  private final BlockingQueue<ILoggingEvent> queue = new ArrayBlockingQueue<>(QUEUE);
  private final OutageLog troubles = new OutageLog(LoggerFactory.getLogger(AuditAppender.class));

  /** Those that the log has not told of yet. */
  private final AtomicLongArray untold = new AtomicLongArray(Cause.values().length);

  private final Thread writer =
      Thread.ofPlatform().daemon().name("audit-log").unstarted(this::writeAll);

  /**
   * @param rate lines a second of successful logins, and as many of all others, so that no flood of
   *     one hides the other; zero for any number
   */
  AuditAppender(Encoder<ILoggingEvent> encoder, Target target, int rate) {
    this.encoder = encoder;
    this.target = target;
    this.successes = new LinesPerSecond(rate);
    this.others = new LinesPerSecond(rate);
  }

  /** How many lines were left out since the process began, by cause. */
  static Map<String, Long> leftOut() {
    Map<String, Long> all = new TreeMap<>();
    for (Cause cause : Cause.values()) {
      all.put(cause.label(), LEFT_OUT.get(cause.ordinal()));
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
      leaveOut(Cause.RATE);
      return;
    }
    // Of the thread that logs, and not of the one that writes.
    var _ = event.getThreadName();
    var _ = event.getFormattedMessage();
    if (!queue.offer(event)) {
      leaveOut(Cause.QUEUE);
    }
  }

  private static boolean isSuccess(ILoggingEvent event) {
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    return pairs != null
        && pairs.stream()
            .anyMatch(pair -> pair.key.equals("result") && "success".equals(pair.value));
  }

  private void leaveOut(Cause cause) {
    LEFT_OUT.incrementAndGet(cause.ordinal());
    untold.incrementAndGet(cause.ordinal());
  }

  /** Writes out what waits, for a while. */
  @Override
  public void stop() {
    if (!isStarted()) {
      return;
    }
    super.stop();
    try {
      writer.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeAll() {
    long toldAt = System.nanoTime();
    try (target) {
      while (true) {
        boolean goesOn = isStarted();
        ILoggingEvent event = queue.poll(goesOn ? 200 : 0, TimeUnit.MILLISECONDS);
        if (event != null) {
          write(event);
        }
        long now = System.nanoTime();
        boolean isLast = event == null && !goesOn;
        if (isLast || now - toldAt > TimeUnit.SECONDS.toNanos(1)) {
          toldAt = now;
          tellLeftOut();
        }
        if (isLast) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      troubles.failed("The audit log cannot be closed: " + e);
    }
  }

  private void write(ILoggingEvent event) {
    try {
      target.write(encoder.encode(event));
      troubles.works("The audit log");
    } catch (IOException e) {
      leaveOut(Cause.WRITE);
      troubles.failed("The audit log cannot be written: " + e);
    }
  }

  private void tellLeftOut() {
    LoggingEvent line =
        new LoggingEvent(
            AuditAppender.class.getName(),
            ((LoggerContext) getContext()).getLogger(Logging.AUDIT),
            Level.WARN,
            "lines were left out",
            null,
            null);
    boolean any = false;
    for (Cause cause : Cause.values()) {
      long count = untold.getAndSet(cause.ordinal(), 0);
      if (count > 0) {
        any = true;
        line.addKeyValuePair(new KeyValuePair(cause.label(), count));
      }
    }
    if (any) {
      try {
        target.write(encoder.encode(line));
      } catch (IOException e) {
        troubles.failed("The audit log cannot be written: " + e);
      }
    }
  }
}
