package io.gatehouse.http;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * What the HTTP server is told before it starts.
 *
 * @param listen where it listens
 * @param surface what stands at which path
 * @param limits what one client may take
 * @param sharing who else may listen there
 */
public record HttpSettings(Listen listen, Surface surface, Limits limits, Sharing sharing) {

  /** Who else of the same user may listen at the same address (SO_REUSEPORT). */
  public enum Sharing {
    NOBODY,
    /** A process that takes this one's place later. The address must be free now. */
    WITH_SUCCESSOR,
    /** The process whose place this one takes. */
    WITH_PREDECESSOR
  }

  /** Settings for an address, all else at its default. See {@link Listen} for the parameters. */
  public static HttpSettings at(String host, int port, String setting) {
    return new HttpSettings(
        new Listen(host, port, setting), Surface.GATEHOUSE, Limits.DEFAULT, Sharing.NOBODY);
  }

  /** The same settings with another surface. */
  public HttpSettings with(Surface newSurface) {
    return new HttpSettings(listen, newSurface, limits, sharing);
  }

  /** The same settings with other limits. */
  public HttpSettings with(Limits newLimits) {
    return new HttpSettings(listen, surface, newLimits, sharing);
  }

  /** The same settings, shared with another process or not. */
  public HttpSettings with(Sharing newSharing) {
    return new HttpSettings(listen, surface, limits, newSharing);
  }

  /** The same settings at another address. */
  HttpSettings with(Listen newListen) {
    return new HttpSettings(newListen, surface, limits, sharing);
  }

  /**
   * The address to listen on.
   *
   * @param host host name or address of a local interface; {@code 0.0.0.0} for all of them
   * @param port 0 to 65535, where 0 takes any free port
   * @param setting what the user changes to get another address, as the user writes it; shown when
   *     the address is taken
   */
  public record Listen(String host, int port, String setting) {
    public Listen {
      if (host.isBlank()) {
        throw new IllegalArgumentException(
            "%s: the host is empty; 0.0.0.0 listens on all interfaces".formatted(setting));
      }
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException(
            "%s: port %d is not between 0 and 65535".formatted(setting, port));
      }
    }
  }

  /** Which of the two programs that people come from the health endpoint answers like. */
  public enum Style {
    /** Checks as JSON, live and ready apart, log levels. */
    GATEHOUSE,
    /**
     * kafka-proxy: {@code OK} or a reason as plain text, no log levels, an index page everywhere
     * else.
     */
    KAFKA_PROXY
  }

  /**
   * The paths. Live and ready are asked for below the health path: {@code /health/live}, {@code
   * /health/ready}.
   *
   * @param style what the answers look like
   * @param healthPath absolute path (kafka-proxy: {@code --http-health-path})
   * @param metricsPath absolute path (kafka-proxy: {@code --http-metrics-path})
   */
  public record Surface(Style style, String healthPath, String metricsPath) {
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._~-]+)+");

    /** The usual one. */
    public static final Surface GATEHOUSE = new Surface(Style.GATEHOUSE, "/health", "/metrics");

    public Surface {
      requirePath("health", healthPath);
      requirePath("metrics", metricsPath);
      if (metricsPath.equals(healthPath)
          || metricsPath.equals(healthPath + "/live")
          || metricsPath.equals(healthPath + "/ready")) {
        throw new IllegalArgumentException(
            "HTTP metrics path %s is also the path of the health check; give them different paths"
                .formatted(metricsPath));
      }
    }

    private static void requirePath(String what, String path) {
      if (!PATH.matcher(path).matches()) {
        throw new IllegalArgumentException(
            "HTTP %s path \"%s\" is no path: it starts with / and has letters, digits and . _ ~ - between slashes, like /%s"
                .formatted(what, path, what));
      }
      if (path.equals("/versions")
          || path.equals(TapRoutes.PATH)
          || path.equals("/loggers")
          || path.startsWith("/loggers/")) {
        throw new IllegalArgumentException(
            "HTTP %s path %s is taken by another endpoint; choose another, like /%s"
                .formatted(what, path, what));
      }
    }
  }

  /**
   * Bounds that keep one client from taking the server away from the others.
   *
   * @param connections how many are open at once; one more closes another
   * @param perAddress how many of those one IPv4 address or one /64 of IPv6 may have
   * @param bodyBytes the largest request body, in bytes
   * @param head the longest a request's head may take, from its first byte or the connection's
   *     begin; kept to the nearest second or two
   * @param exchange the longest a connection may be idle, and the longest one request may take from
   *     its first byte to the last byte of its answer; kept to the nearest few seconds
   */
  public record Limits(
      int connections, int perAddress, int bodyBytes, Duration head, Duration exchange) {
    /** 512 connections, 256 from one address, 64 KiB, 5 and 30 seconds. */
    public static final Limits DEFAULT =
        new Limits(512, 256, 64 << 10, Duration.ofSeconds(5), Duration.ofSeconds(30));

    public Limits {
      if (connections < 1
          || perAddress < 1
          || bodyBytes < 0
          || bodyBytes > 1 << 30
          || head.compareTo(Duration.ofSeconds(1)) < 0
          || exchange.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new IllegalArgumentException(
            "HTTP limits want at least 1 connection, 0 to 1 GiB of body and 1 s per head and exchange, not %d (%d), %d, %s and %s"
                .formatted(connections, perAddress, bodyBytes, head, exchange));
      }
    }
  }
}
