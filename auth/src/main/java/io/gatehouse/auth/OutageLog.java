package io.gatehouse.auth;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Logs failures of a server that every login may report: one line at once, then one a minute with
 * the number of lines left out, and one when the server works again.
 */
public final class OutageLog {

  private static final long INTERVAL = Duration.ofMinutes(1).toNanos();

  private final Logger log;
  private final LongSupplier nanos;
  // Guarded by this.
  private boolean failing;
  private long lastLine;
  private long leftOut;

  public OutageLog(Logger log) {
    this(log, System::nanoTime);
  }

  /**
   * @param nanos a clock in nanoseconds
   */
  public OutageLog(Logger log, LongSupplier nanos) {
    this.log = log;
    this.nanos = nanos;
  }

  /** Reports a failure, with a message that holds no secret. */
  public void failed(String problem) {
    long more;
    synchronized (this) {
      long now = nanos.getAsLong();
      if (failing && now - lastLine < INTERVAL) {
        leftOut++;
        return;
      }
      failing = true;
      lastLine = now;
      more = leftOut;
      leftOut = 0;
    }
    if (more == 0) {
      log.warn("{}", problem);
    } else {
      log.warn("{} ({} more like this since the last line)", problem, more);
    }
  }

  /** Whether the last report was a failure. */
  public synchronized boolean isFailing() {
    return failing;
  }

  /** Reports a success. */
  public void works(String what) {
    long more;
    synchronized (this) {
      if (!failing) {
        return;
      }
      failing = false;
      more = leftOut;
      leftOut = 0;
    }
    log.info("{} works again ({} failures were not logged)", what, more);
  }
}
