package io.gatehouse.http;

import io.gatehouse.auth.audit.AuditEvent;
import io.gatehouse.auth.audit.AuditEvents;
import io.gatehouse.control.Actor;
import io.gatehouse.control.doc.Document;
import io.helidon.webserver.http.ServerRequest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes an audit line for each change over HTTP, whether it was made or refused, and for each
 * login that fails. The logger is that of Kafka's logins. Bodies are not written, because they may
 * hold secrets that cannot be told from other values; events have them as far as they can be read.
 */
final class HttpAudit {
  private static final Logger LOG = LoggerFactory.getLogger("gatehouse.audit");
  private static final int LOWEST_REFUSAL = 400;

  /** Maximum length of a text that clients control. */
  private static final int MAX_LENGTH = 1000;

  /** The key of the body in the context of a request. */
  private static final Object BODY = new Object();

  private HttpAudit() {}

  /** A change that was made, or refused if the status says so. */
  static void change(ServerRequest req, Actor user, int status) {
    var made = status < LOWEST_REFUSAL;
    line(req, made ? Level.INFO : Level.WARN)
        .addKeyValue("principal", cut(user.name()))
        .addKeyValue("method", cut(req.prologue().method().text()))
        .addKeyValue("path", cut(path(req)))
        .addKeyValue("result", made ? "success" : "refused")
        .addKeyValue("status", status)
        .log("change");
    if (AuditEvents.areWanted()) {
      var body = req.context().get(BODY, String.class).orElse(null);
      var call =
          new AuditEvent.Call(cut(req.prologue().method().text()), cut(path(req)), body, status);
      send(req, user.name(), call);
    }
  }

  private static String path(ServerRequest req) {
    var query = req.query().rawValue();
    return req.path().rawPath() + (query.isEmpty() ? "" : "?" + query);
  }

  /** Remembers the body for the event of the change, without its secrets. */
  static void body(ServerRequest req, byte[] body, Document.Form form) {
    if (AuditEvents.areWanted()) {
      req.context().register(BODY, HiddenSecrets.of(body, form));
    }
  }

  private static void send(ServerRequest req, @Nullable String user, AuditEvent.Data data) {
    var name = user == null ? null : cut(user);
    var local = req.localPeer().host() + ":" + req.localPeer().port();
    AuditEvents.send(
        new AuditEvent(
            Instant.now(), new AuditEvent.Subject(name, name, local, remote(req)), data));
  }

  /**
   * A login that failed.
   *
   * @param user the claimed name; null if there is none
   * @param reason why, in words
   */
  static void failedLogin(
      ServerRequest req, String mechanism, @Nullable String user, String reason) {
    line(req, Level.WARN)
        .addKeyValue("mechanism", mechanism)
        .addKeyValue("result", "bad_credentials")
        .addKeyValue("reason", cut(reason))
        .log("login");
    if (AuditEvents.areWanted()) {
      send(req, user, new AuditEvent.Login(cut(reason)));
    }
  }

  private static LoggingEventBuilder line(ServerRequest req, Level level) {
    return LOG.atLevel(level).addKeyValue("listener", "http").addKeyValue("address", remote(req));
  }

  private static String remote(ServerRequest req) {
    return req.remotePeer().host() + ":" + req.remotePeer().port();
  }

  private static String cut(String text) {
    return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
  }
}
