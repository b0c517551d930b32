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
 * Tells of every login, and of every connection and request that is refused for who it is from, in
 * a log of its own: a line each, with key-value pairs. Logins that end here are counted as well.
 * Does not block: whoever sets up the logger sees to that.
 */
public final class Audit {

  /** The logger's name. */
  public static final String LOGGER = "gatehouse.audit";

  private static final Logger log = LoggerFactory.getLogger(LOGGER);

  /** Characters of a text that clients may make long. */
  private static final int LONGEST = 1000;

  private final AuthenticationMetrics metrics;

  public Audit(AuthenticationMetrics metrics) {
    this.metrics = metrics;
  }

  /**
   * Whom a line is about.
   *
   * @param mechanism how it is proved who it is; {@code NONE} where that is not asked for
   * @param user who it proved to be or, where the login failed, claimed to be; null if unknown
   */
  public record Who(
      String listener, InetSocketAddress address, String mechanism, @Nullable User user) {}

  /** A login that ended here, by its result as it is counted. */
  public void login(Who who, String result, @Nullable String reason) {
    metrics.ended(who.listener(), who.mechanism(), result);
    write("login", who, result, reason);
  }

  /** The same with a mechanism that is not offered, and so counted under another name. */
  void login(Who who, String countedAs, String result, String reason) {
    metrics.ended(who.listener(), countedAs, result);
    write("login", who, result, reason);
  }

  /** A login at a broker that passed by. */
  void overheard(Who who, String result, @Nullable String reason) {
    write("login", who, result, reason);
  }

  /** A connection or a request that is refused for who it is from. */
  void refusal(Who who, String result, String reason) {
    write("refusal", who, result, reason);
  }

  private static void write(String what, Who who, String result, @Nullable String reason) {
    Level level = result.equals(AuthenticationMetrics.SUCCESS) ? Level.INFO : Level.WARN;
    if (!log.isEnabledForLevel(level)) {
      return;
    }
    InetSocketAddress address = who.address();
    LoggingEventBuilder line =
        log.atLevel(level)
            .addKeyValue("listener", who.listener())
            .addKeyValue(
                "address",
                new HostPort(address.getAddress().getHostAddress(), address.getPort()).toString())
            .addKeyValue("mechanism", cut(who.mechanism()));
    User user = who.user();
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
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
  }
}
