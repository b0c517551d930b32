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
 * Writes why connections ended and requests were refused: those that ended as they should at debug
 * level, the others as warnings, at most a few per reason and interval, with the number of those
 * left out.
 */
public final class LogLimiter {

  private static final Logger log = LoggerFactory.getLogger("io.gatehouse.gateway.connections");
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final AtomicLong lastBug = new AtomicLong();
  private static final int ENDS = CloseReason.values().length;

  /** By reason: of ends first, then of refusals. */
  private final LogRateLimit[] limits = new LogRateLimit[ENDS + RefusalReason.values().length];

  LogLimiter() {
    Arrays.setAll(limits, _ -> new LogRateLimit());
  }

  /** An error of our own. Whoever can bring one about can do so often: one a time is told whole. */
  void bug(String who, Throwable cause, long now) {
    long last = lastBug.get();
    if ((last == 0 || now - last > INTERVAL_NANOS)
        && lastBug.compareAndSet(last, now == 0 ? 1 : now)) {
      log.error("an error of the gateway ended {}", who, cause);
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

  /** A request is answered with an error of the gateway's own; the connection goes on. */
  void refused(RefusalReason reason, Object who, short apiKey, long now) {
    int left = limits[ENDS + reason.ordinal()].permit(now);
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
