package io.gatehouse.gateway.flow;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.metrics.AuthenticationMetrics;
import io.gatehouse.gateway.settings.HostPort;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes an audit line for each login and for each connection or request that is refused because of
 * who it is from, with key-value pairs, to a logger of its own. Counts the logins that the gateway
 * verifies. The configured appender must not block, as the methods run on event loops.
 */
public final class Audit {

  /** The logger's name. */
  public static final String LOGGER = "gatehouse.audit";

  private static final Logger log = LoggerFactory.getLogger(LOGGER);

  /** Maximum length of a text that clients control. */
  private static final int MAX_LENGTH = 1000;

  private final AuthenticationMetrics metrics;

  public Audit(AuthenticationMetrics metrics) {
    this.metrics = metrics;
  }

  /**
   * The client that a line is about.
   *
   * @param mechanism how it authenticates; {@code NONE} if it does not
   * @param user the authenticated user, or after a failed login the claimed one; null if unknown
   */
  public record Subject(
      String listener, InetSocketAddress address, String mechanism, @Nullable User user) {}

  /**
   * A login that the gateway has verified.
   *
   * @param result as counted in the metrics
   */
  public void login(Subject subject, String result, @Nullable String reason) {
    metrics.ended(subject.listener(), subject.mechanism(), result);
    write("login", subject, result, reason);
  }

  /**
   * A login with a mechanism that is not offered.
   *
   * @param countedAs the mechanism's name in the metrics
   */
  void login(Subject subject, String countedAs, String result, String reason) {
    metrics.ended(subject.listener(), countedAs, result);
    write("login", subject, result, reason);
  }

  /** A login that was forwarded and that a broker has verified. */
  void brokerLogin(Subject subject, String result, @Nullable String reason) {
    write("login", subject, result, reason);
  }

  /** A connection or request that is refused because of who it is from. */
  void refusal(Subject subject, String result, String reason) {
    write("refusal", subject, result, reason);
  }

  private static void write(String what, Subject subject, String result, @Nullable String reason) {
    Level level = result.equals(AuthenticationMetrics.SUCCESS) ? Level.INFO : Level.WARN;
    if (!log.isEnabledForLevel(level)) {
      return;
    }
    InetSocketAddress address = subject.address();
    LoggingEventBuilder line =
        log.atLevel(level)
            .addKeyValue("listener", subject.listener())
            .addKeyValue(
                "address",
                new HostPort(address.getAddress().getHostAddress(), address.getPort()).toString())
            .addKeyValue("mechanism", cut(subject.mechanism()));
    User user = subject.user();
    if (user != null && user.tenant() != null) {
      line = line.addKeyValue("tenant", cut(user.tenant()));
    }
    if (user != null) {
      line = line.addKeyValue("principal", cut(user.name()));
    }
    line = line.addKeyValue("result", result);
    if (reason != null) {
      line = line.addKeyValue("reason", cut(reason));
    }
    line.log(what);
  }

  private static String cut(String text) {
    return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
  }
}
