package io.gatehouse.gateway.settings;

import java.time.Duration;

/**
 * Timeouts. Only {@code idle} may be zero.
 *
 * @param connect time to connect to a broker, for all its addresses together; the same time again
 *     for TLS and login, and for each re-authentication
 * @param firstRequest time until the header of a client's first request arrives
 * @param request time until a request is complete after its header; large requests get more, by
 *     {@code requestRate}
 * @param requestRate minimum rate of large requests, in bytes per second
 * @param response time without progress in which a client must read some of its pending responses.
 *     Java's consumer reads only when polled, so this must exceed its {@code max.poll.interval.ms}
 * @param idle time after which an idle connection is closed; zero for never. The default is a
 *     minute longer than the broker's {@code connections.max.idle.ms}
 */
public record Timeouts(
    Duration connect,
    Duration firstRequest,
    Duration request,
    int requestRate,
    Duration response,
    Duration idle) {

  public static final Timeouts DEFAULT =
      new Timeouts(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          64 << 10,
          Duration.ofMinutes(10),
          Duration.ofMinutes(11));

  public Timeouts {
    positive("the connect timeout", connect);
    positive("the first-request timeout", firstRequest);
    positive("the request timeout", request);
    positive("the response timeout", response);
    if (idle.isNegative()) {
      throw new IllegalArgumentException("the idle timeout is negative: " + idle);
    }
    if (requestRate < 1) {
      throw new IllegalArgumentException(
          "the minimum request rate is " + requestRate + " bytes per second");
    }
  }

  private static void positive(String what, Duration duration) {
    if (duration.isZero() || duration.isNegative()) {
      throw new IllegalArgumentException(what + " is " + duration + ", and must be positive");
    }
  }
}
