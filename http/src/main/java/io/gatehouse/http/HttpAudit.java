package io.gatehouse.http;

import io.gatehouse.control.Actor;
import io.helidon.webserver.http.ServerRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes an audit line for each change over HTTP, whether it was made or refused, and for each
 * login that fails. The logger is that of Kafka's logins. Bodies are not written, because they may
 * hold secrets.
 */
final class HttpAudit {
  private static final Logger LOG = LoggerFactory.getLogger("gatehouse.audit");
  private static final int LOWEST_REFUSAL = 400;

  /** Maximum length of a text that clients control. */
  private static final int MAX_LENGTH = 1000;

  private HttpAudit() {}

  /** A change that was made, or refused if the status says so. */
  static void change(ServerRequest req, Actor user, int status) {
    var made = status < LOWEST_REFUSAL;
    var query = req.query().rawValue();
    line(req, made ? Level.INFO : Level.WARN)
        .addKeyValue("principal", cut(user.name()))
        .addKeyValue("method", cut(req.prologue().method().text()))
        .addKeyValue("path", cut(req.path().rawPath() + (query.isEmpty() ? "" : "?" + query)))
        .addKeyValue("result", made ? "success" : "refused")
        .addKeyValue("status", status)
        .log("change");
  }

  /**
   * A login that failed.
   *
   * @param reason why, in words
   */
  static void failedLogin(ServerRequest req, String mechanism, String reason) {
    line(req, Level.WARN)
        .addKeyValue("mechanism", mechanism)
        .addKeyValue("result", "bad_credentials")
        .addKeyValue("reason", cut(reason))
        .log("login");
  }

  private static LoggingEventBuilder line(ServerRequest req, Level level) {
    return LOG.atLevel(level)
        .addKeyValue("listener", "http")
        .addKeyValue("address", req.remotePeer().host() + ":" + req.remotePeer().port());
  }

  private static String cut(String text) {
    return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
  }
}
