package io.gatehouse.gateway.settings;

import java.time.Duration;

/**
 * How long the gateway waits. None may be zero or negative but {@code idle}.
 *
 * @param connect for a connection to a broker, all its addresses together; then as long again for
 *     TLS and login, and for each login that is renewed
 * @param firstRequest for the head of a client's first request
 * @param request for the rest of a request whose head has come; large ones get more, see {@link
 *     #requestRate}
 * @param requestRate the slowest a client may send a large request
 * @param response for a client to take any byte of what waits for it. Java's consumer reads only
 *     when polled, so this must be longer than its {@code max.poll.interval.ms}
 * @param idle for a connection on which nothing happens; zero never closes it. The default is a
 *     minute longer than the broker's own {@code connections.max.idle.ms}
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
          "the slowest request rate is " + requestRate + " bytes per second");
    }
  }

  private static void positive(String what, Duration duration) {
    if (duration.isZero() || duration.isNegative()) {
      throw new IllegalArgumentException(what + " is " + duration + ", and must be positive");
    }
  }
}
