package io.gatehouse.http;

import io.gatehouse.control.Actor;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may use the routes that concern the gateway as a whole: metrics, log levels, taps.
 * Where users are configured, changes and taps need one who is an admin. Without users they are
 * restricted to programs on this machine.
 *
 * @param metricsNeedUser whether metrics and log levels are shown to users only
 */
record Access(AdminUsers users, boolean metricsNeedUser) {
  private static final HeaderName SEC_FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");

  /** A handler of metrics and log levels. */
  Handler reading(Handler handler) {
    return metricsNeedUser
        ? (req, res) -> {
          if (user(req, res) != null) {
            handler.handle(req, res);
          }
        }
        : handler;
  }

  /** A handler of changes and taps. */
  Handler changing(Handler handler) {
    return (req, res) -> {
      if (!users.isConfigured()) {
        LocalAccess.require(req);
        handler.handle(req, res);
      } else if (fromAnotherSite(req)) {
        Responses.problem(req, res, Status.FORBIDDEN_403, "A page of another site sent this.");
      } else {
        var user = user(req, res);
        if (user != null && user.rights().admin()) {
          // The status is known then, also when an exception of the handler is answered.
          res.beforeSend(() -> HttpAudit.change(req, user, res.status().code()));
          handler.handle(req, res);
        } else if (user != null) {
          HttpAudit.change(req, user, Status.FORBIDDEN_403.code());
          Responses.problem(
              req,
              res,
              Status.FORBIDDEN_403,
              "This needs an admin, and the user %s is none.".formatted(user.name()));
        }
      }
    };
  }

  /** The user, or null after a response that refuses the request. */
  private @Nullable Actor user(ServerRequest req, ServerResponse res) {
    var login = users.login(req);
    if (login instanceof AdminUsers.Login.Known(Actor user)) {
      return user;
    }
    var refusal = refusal(login, res);
    Responses.problem(req, res, refusal.status, refusal.detail);
    return null;
  }

  /** Why a request without a known user is refused. */
  record LoginRefusal(Status status, String title, String detail) {}

  /** Adds the headers that tell the client what to do. */
  static LoginRefusal refusal(AdminUsers.Login login, ServerResponse res) {
    return switch (login) {
      case AdminUsers.Login.Slowed slowed -> {
        var seconds = Math.max(1, slowed.left().plusMillis(999).toSeconds());
        res.header(HeaderNames.RETRY_AFTER, Long.toString(seconds));
        yield new LoginRefusal(
            Status.TOO_MANY_REQUESTS_429,
            "Too many wrong credentials",
            "Credentials of this address are looked at again in %d s.".formatted(seconds));
      }
      case AdminUsers.Login.Unavailable _ ->
          new LoginRefusal(
              Status.SERVICE_UNAVAILABLE_503,
              "The credentials cannot be checked now",
              "The identity provider's keys cannot be read; try again.");
      case AdminUsers.Login.Unknown _, AdminUsers.Login.Known _ -> {
        res.header(HeaderNames.WWW_AUTHENTICATE, "Basic realm=\"gatehouse\", charset=\"UTF-8\"");
        yield new LoginRefusal(
            Status.UNAUTHORIZED_401,
            "The given credentials are not valid",
            "This needs a user: a name and password, a token or a client certificate.");
      }
    };
  }

  /**
   * Whether a page of another site made the browser send the request. A browser adds the password
   * or certificate that it has for this server to such requests, too.
   */
  static boolean fromAnotherSite(ServerRequest req) {
    var site = req.headers().value(SEC_FETCH_SITE).orElse(null);
    if (site != null) {
      return !Set.of("none", "same-origin").contains(site.toLowerCase(Locale.ROOT));
    }
    var host = req.headers().value(HeaderNames.HOST).orElse("");
    var origin = req.headers().value(HeaderNames.ORIGIN).orElse(null);
    return origin != null && !isOriginOf(host, origin);
  }

  /** Whether a page at this host has this origin. */
  static boolean isOriginOf(String host, String origin) {
    return origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host);
  }
}
