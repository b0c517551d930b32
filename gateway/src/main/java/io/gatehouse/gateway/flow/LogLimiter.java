package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.GatewayError;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.net.LogRateLimit;
import io.gatehouse.wire.schema.Schemas;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Logs why connections closed and requests were refused: normal closes at debug level, others as
 * warnings. Writes at most a few lines per reason and interval, with the number of lines left out.
 * Thread-safe.
 */
public final class LogLimiter {

  private static final Logger log = LoggerFactory.getLogger("io.gatehouse.gateway.connections");
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final AtomicLong lastError = new AtomicLong();
  private static final int CLOSE_REASONS = CloseReason.values().length;

  /** Close reasons first, then refusal reasons. */
  private final LogRateLimit[] limits =
      new LogRateLimit[CLOSE_REASONS + RefusalReason.values().length];

  LogLimiter() {
    Arrays.setAll(limits, _ -> new LogRateLimit());
  }

  /**
   * Logs an internal error with its stack trace, at most one per interval, since a client may be
   * able to cause it repeatedly.
   */
  void internalError(String who, Throwable cause, long now) {
    long last = lastError.get();
    if ((last == 0 || now - last > INTERVAL_NANOS)
        && lastError.compareAndSet(last, now == 0 ? 1 : now)) {
      log.error("an internal error closed {}", who, cause);
    }
  }

  void ended(CloseReason reason, String who, String detail, long now) {
    if (reason.level() == GatewayError.Level.DEBUG) {
      log.debug("{}: {}{}", who, reason.text(), detail);
      return;
    }
    int left = limits[reason.ordinal()].permit(now);
    if (left >= 0) {
      log(reason, who + ": " + reason.text() + detail, left);
    }
  }

  /** Logs that a request was answered with an error of the gateway. */
  void refused(RefusalReason reason, Object who, short apiKey, long now) {
    int left = limits[CLOSE_REASONS + reason.ordinal()].permit(now);
    if (left >= 0) {
      String api = Schemas.get().apiName(apiKey);
      String what = api == null ? "api key " + apiKey : api;
      log(reason, who + ": " + what + " is refused: " + reason.text(), left);
    }
  }

  private static void log(GatewayError error, String line, int left) {
    String advice = error.advice().isEmpty() ? "" : "; what to do: " + error.advice();
    log.atLevel(error.level() == GatewayError.Level.INFO ? Level.INFO : Level.WARN)
        .log("{}{}{}", line, advice, LogRateLimit.suffix(left));
  }
}
