package io.gatehouse.app.config;

import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.http.HttpSettings;
import io.gatehouse.http.LoggerLevels.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The typed configuration of the whole process, from whatever sources it came. It is a value:
 * nothing of it runs.
 *
 * @param http null where no HTTP server is wanted
 * @param running what is looked after while it serves
 */
public record AppSettings(
    GatewaySettings gateway, @Nullable HttpSettings http, Log log, Running running) {

  public static final Duration DEFAULT_TLS_REFRESH = Duration.ofSeconds(5);

  public static final Duration DEFAULT_TAKEOVER_TIMEOUT = Duration.ofSeconds(30);

  /**
   * What is looked after while the gateway serves.
   *
   * @param tlsRefresh how often files with keys and certificates are looked at; zero for never
   * @param takeoverSocket the Unix socket at which another process can ask for this one's listening
   *     sockets; null: none can
   * @param takeoverTimeout how long this process may take to get ready when it takes over itself
   */
  public record Running(
      Duration tlsRefresh, @Nullable Path takeoverSocket, Duration takeoverTimeout) {}

  /** How often files with keys and certificates are looked at; zero for never. */
  public Duration tlsRefresh() {
    return running.tlsRefresh;
  }

  /**
   * What is logged, and how.
   *
   * @param level of all loggers that {@code levels} does not name or contain
   * @param levels by logger or package
   * @param audit the log of logins and refusals
   */
  public record Log(
      Format format, Level level, Map<String, Level> levels, Fields fields, AuditLog audit) {

    public static final Log DEFAULT = new Log(Format.TEXT, Level.INFO, Map.of(), Fields.DEFAULT);

    public Log {
      levels = Map.copyOf(levels);
    }

    /** With the audit log on standard output. */
    public Log(Format format, Level level, Map<String, Level> levels, Fields fields) {
      this(format, level, levels, fields, AuditLog.DEFAULT);
    }

    /**
     * Where logins and refusals are written.
     *
     * @param file null for standard output
     * @param rate lines a second at most, of successful logins and of all others each; zero for any
     *     number
     */
    public record AuditLog(@Nullable Path file, int rate) {
      public static final AuditLog DEFAULT = new AuditLog(null, 0);
    }

    /** The shape of a line. */
    public enum Format {
      TEXT,
      JSON
    }

    /** Names of JSON fields; kafka-proxy's by default. */
    public record Fields(String level, String time, String message) {
      public static final Fields DEFAULT = new Fields("@level", "@timestamp", "@message");

      public Fields {
        if (level.equals(time) || level.equals(message) || time.equals(message)) {
          throw new IllegalArgumentException("two fields have the same name");
        }
      }
    }
  }
}
