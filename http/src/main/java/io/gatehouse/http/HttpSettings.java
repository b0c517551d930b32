package io.gatehouse.http;

import io.gatehouse.tls.ServerTls;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the HTTP server.
 *
 * @param listen the address
 * @param surface the paths and the style of the responses
 * @param limits limits for clients
 * @param sharing which other process may bind the same port
 * @param security whether HTTP is encrypted, and what needs a user
 */
public record HttpSettings(
    Listen listen, Surface surface, Limits limits, Sharing sharing, Security security) {

  /** Which other process of the same user may bind the same port (SO_REUSEPORT). */
  public enum Sharing {
    NOBODY,
    /** A process that takes over from this one later. The port must be free now. */
    WITH_SUCCESSOR,
    /** The process that this one takes over from. */
    WITH_PREDECESSOR
  }

  /** Default settings for an address. See {@link Listen} for the parameters. */
  public static HttpSettings at(String host, int port, String setting) {
    return new HttpSettings(
        new Listen(host, port, setting),
        Surface.GATEHOUSE,
        Limits.DEFAULT,
        Sharing.NOBODY,
        Security.NONE);
  }

  /** The same settings with another surface. */
  public HttpSettings with(Surface newSurface) {
    return new HttpSettings(listen, newSurface, limits, sharing, security);
  }

  /** The same settings with other limits. */
  public HttpSettings with(Limits newLimits) {
    return new HttpSettings(listen, surface, newLimits, sharing, security);
  }

  /** The same settings with another sharing mode. */
  public HttpSettings with(Sharing newSharing) {
    return new HttpSettings(listen, surface, limits, newSharing, security);
  }

  /** The same settings with other security. */
  public HttpSettings with(Security newSecurity) {
    return new HttpSettings(listen, surface, limits, sharing, newSecurity);
  }

  /** The same settings with another address. */
  HttpSettings with(Listen newListen) {
    return new HttpSettings(newListen, surface, limits, sharing, security);
  }

  /**
   * The address to listen on.
   *
   * @param host the host name or address of a local interface; {@code 0.0.0.0} for all interfaces
   * @param port 0 to 65535; 0 selects a free port
   * @param setting the setting that changes the address, as the user writes it; shown if the
   *     address is in use
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

  /**
   * Whether HTTP is encrypted, and what needs a user.
   *
   * @param tls null for HTTP without TLS
   * @param metricsNeedUser whether metrics and log levels are shown only to users of the admin API
   */
  public record Security(@Nullable ServerTls tls, boolean metricsNeedUser) {
    /** HTTP without TLS, metrics for everyone. */
    public static final Security NONE = new Security(null, false);
  }

  /** The style of the responses. */
  public enum Style {
    /** Health as JSON, and log levels. */
    GATEHOUSE,
    /**
     * Like kafka-proxy: health as plain text, no log levels, and an index page for all other paths.
     */
    KAFKA_PROXY
  }

  /**
   * The paths. Liveness and readiness are below the health path: {@code /health/live}, {@code
   * /health/ready}.
   *
   * @param style the style of the responses
   * @param healthPath absolute path (kafka-proxy: {@code --http-health-path})
   * @param metricsPath absolute path (kafka-proxy: {@code --http-metrics-path})
   */
  public record Surface(Style style, String healthPath, String metricsPath) {
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._~-]++)++");

    /** The default. */
    public static final Surface GATEHOUSE = new Surface(Style.GATEHOUSE, "/health", "/metrics");

    public Surface {
      requirePath("health", healthPath);
      requirePath("metrics", metricsPath);
      if (metricsPath.equals(healthPath)
          || metricsPath.equals(healthPath + "/live")
          || metricsPath.equals(healthPath + "/ready")) {
        throw new IllegalArgumentException(
            "HTTP metrics path %s is also the path of the health check; use different paths"
                .formatted(metricsPath));
      }
    }

    private static void requirePath(String what, String path) {
      if (!PATH.matcher(path).matches()) {
        throw new IllegalArgumentException(
            "HTTP %s path \"%s\" is not a path: it must start with / and contain only letters, digits, . _ ~ - and slashes, such as /%s"
                .formatted(what, path, what));
      }
      if (path.equals("/versions")
          || path.equals(TapRoutes.PATH)
          || path.equals("/loggers")
          || path.startsWith("/loggers/")
          || ControlApi.isBelow(path)) {
        throw new IllegalArgumentException(
            "HTTP %s path %s is used by another endpoint; choose another, such as /%s"
                .formatted(what, path, what));
      }
    }
  }

  /**
   * Limits that prevent a client from blocking the server.
   *
   * @param connections the maximum number of connections; another one closes an existing connection
   * @param perAddress the maximum number of connections of one IPv4 address or one IPv6 /64
   * @param bodyBytes the maximum size of a request body in bytes
   * @param head the time for a request's header, from its first byte or the start of the
   *     connection; accurate to two seconds
   * @param exchange the time that a connection may be idle, and that a request may take from its
   *     first byte to the last byte of its response; accurate to a few seconds
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
            "HTTP limits must have at least 1 connection, a body size from 0 to 1 GiB, and at least 1 s for headers and exchanges, not %d (%d), %d, %s and %s"
                .formatted(connections, perAddress, bodyBytes, head, exchange));
      }
    }
  }
}
