package io.gatehouse.app.config;

import io.gatehouse.auth.audit.AuditEvent;
import io.gatehouse.control.kafka.EventTopic;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.http.HttpSettings;
import io.gatehouse.http.LoggerLevels.Level;
import io.gatehouse.http.UserSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The typed configuration of the whole process. It is a value and starts nothing.
 *
 * @param http null if the HTTP server is turned off
 * @param running settings for the time after the start
 */
public record AppSettings(
    GatewaySettings gateway, @Nullable HttpSettings http, Admin admin, Log log, Running running) {

  public static final Duration DEFAULT_TLS_REFRESH = Duration.ofSeconds(5);

  public static final Duration DEFAULT_TAKEOVER_TIMEOUT = Duration.ofSeconds(30);

  /**
   * Resources: what can be declared while the gateway runs.
   *
   * @param store where they are kept
   * @param users who may use the admin API; none: one with a random password
   * @param allowDefaultPassword whether a password that everybody knows is taken on any address
   * @param folder a folder with files of resources, which are applied; null for none
   */
  public record Admin(
      StoreSettings store,
      UserSettings users,
      boolean allowDefaultPassword,
      @Nullable Path folder) {

    Admin with(UserSettings others) {
      return new Admin(store, others, allowDefaultPassword, folder);
    }
  }

  /**
   * Settings for the time after the start: reloads, takeover by another process, and other nodes.
   *
   * @param tlsRefresh how often files with keys and certificates are checked for changes; zero for
   *     never
   * @param takeoverSocket the Unix socket at which another process can request this process's
   *     listening sockets; null for none
   * @param takeoverTimeout how long this process may take to become ready when it takes over from
   *     another one
   * @param reloadInterval how often the configuration is read and, if it has changed, reloaded;
   *     zero for never
   * @param nodes this process as one of several gateway nodes
   */
  public record Running(
      Duration tlsRefresh,
      @Nullable Path takeoverSocket,
      Duration takeoverTimeout,
      Duration reloadInterval,
      Nodes nodes) {}

  /**
   * This process as one of the gateway nodes that share a topic for resources.
   *
   * @param id null for the name of the machine and the first listening port
   * @param rack where it runs, as in {@code broker.rack} of brokers; null if unknown
   * @param group the consumer group through which the nodes find each other; null for one that is
   *     named after the topic
   * @param loadBalancing whether metadata spreads clients over the nodes
   */
  public record Nodes(
      @Nullable String id, @Nullable String rack, @Nullable String group, boolean loadBalancing) {
    static final Nodes DEFAULT = new Nodes(null, null, null, true);
  }

  /** How often files with keys and certificates are checked for changes; zero for never. */
  public Duration tlsRefresh() {
    return running.tlsRefresh;
  }

  /**
   * The logging settings.
   *
   * @param level the level of all loggers that are not below an entry of {@code levels}
   * @param levels levels by logger or package
   * @param audit the audit log
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
     * The audit log: logins and refusals.
     *
     * @param file null for standard output
     * @param rate the maximum number of lines a second for successful logins, and for all other
     *     events; zero for no limit
     * @param topic where events are written, too; null for nowhere
     */
    public record AuditLog(@Nullable Path file, int rate, @Nullable AuditTopicSettings topic) {
      public static final AuditLog DEFAULT = new AuditLog(null, 0, null);
    }

    /**
     * The topic for events of the audit log.
     *
     * @param types which events are written
     * @param specVersion the version that events say they have
     */
    public record AuditTopicSettings(
        EventTopic.Settings target, Set<AuditEvent.Type> types, String specVersion) {
      public AuditTopicSettings {
        types = Set.copyOf(types);
      }
    }

    /** The format of a log line. */
    public enum Format {
      TEXT,
      JSON
    }

    /** Names of JSON fields. The defaults are kafka-proxy's. */
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
