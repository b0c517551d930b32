package io.gatehouse.gateway.flow;

import io.gatehouse.auth.User;
import io.gatehouse.auth.audit.AuditEvent;
import io.gatehouse.auth.audit.AuditEvents;
import io.gatehouse.gateway.metrics.AuthenticationMetrics;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.settings.HostPort;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
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

  /** What events say of clients without a tenant. */
  private static final String NO_TENANT = "passthrough";

  /** The results of requests that a rule has refused. Others concern the whole connection. */
  private static final Set<String> RULES =
      Set.of("forbidden_api", "no_right", "acks_zero_forbidden");

  // What a change over HTTP would be answered with.
  private static final int MADE = 200;
  private static final int REFUSED = 400;

  private final AuthenticationMetrics metrics;

  public Audit(AuthenticationMetrics metrics) {
    this.metrics = metrics;
  }

  /**
   * The client that a line is about.
   *
   * @param mechanism how it authenticates; {@code NONE} if it does not
   * @param user the authenticated user, or after a failed login the claimed one; null if unknown
   * @param local the address that it connected to; null if unknown
   */
  public record Subject(
      String listener,
      InetSocketAddress address,
      String mechanism,
      @Nullable User user,
      @Nullable InetSocketAddress local) {}

  /**
   * A login that the gateway has verified.
   *
   * @param result as counted in the metrics
   */
  public void login(Subject subject, String result, @Nullable String reason) {
    metrics.ended(subject.listener(), subject.mechanism(), result);
    logIn(subject, result, reason);
  }

  /**
   * A login with a mechanism that is not offered.
   *
   * @param countedAs the mechanism's name in the metrics
   */
  void login(Subject subject, String countedAs, String result, String reason) {
    metrics.ended(subject.listener(), countedAs, result);
    logIn(subject, result, reason);
  }

  /** A login that was forwarded and that a broker has verified. */
  void brokerLogin(Subject subject, String result, @Nullable String reason) {
    logIn(subject, result, reason);
  }

  private static void logIn(Subject subject, String result, @Nullable String reason) {
    write("login", subject, result, reason);
    if (AuditEvents.areWanted()) {
      String failure = reason == null ? result : reason;
      send(subject, new AuditEvent.Login(isSuccess(result) ? null : cut(failure)));
    }
  }

  /** A connection or request that is refused because of who it is from. */
  void refusal(Subject subject, String result, String reason) {
    write("refusal", subject, result, reason);
    if (AuditEvents.areWanted()) {
      send(
          subject,
          RULES.contains(result)
              ? new AuditEvent.RefusedRequest(result, cut(reason))
              : new AuditEvent.RefusedConnection(cut(reason)));
    }
  }

  /** A change that a client has asked for with a request of Kafka's protocol. */
  void change(Subject subject, Decision.Audited change) {
    String detail = change.api() + ": " + change.detail();
    write("change", subject, change.success() ? AuthenticationMetrics.SUCCESS : "refused", detail);
    if (AuditEvents.areWanted()) {
      int status = change.success() ? MADE : REFUSED;
      send(subject, new AuditEvent.Call("KAFKA", change.api(), cut(change.detail()), status));
    }
  }

  private static void send(Subject subject, AuditEvent.Data data) {
    User user = subject.user();
    InetSocketAddress local = subject.local();
    AuditEvents.send(
        new AuditEvent(
            Instant.now(),
            new AuditEvent.Subject(
                user == null ? null : Objects.requireNonNullElse(user.tenant(), NO_TENANT),
                user == null ? null : cut(user.name()),
                local == null ? null : shown(local),
                shown(subject.address())),
            data));
  }

  private static boolean isSuccess(String result) {
    return result.equals(AuthenticationMetrics.SUCCESS);
  }

  private static String shown(InetSocketAddress address) {
    return new HostPort(address.getAddress().getHostAddress(), address.getPort()).toString();
  }

  private static void write(String what, Subject subject, String result, @Nullable String reason) {
    Level level = isSuccess(result) ? Level.INFO : Level.WARN;
    if (!log.isEnabledForLevel(level)) {
      return;
    }
    LoggingEventBuilder line =
        log.atLevel(level)
            .addKeyValue("listener", subject.listener())
            .addKeyValue("address", shown(subject.address()))
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
