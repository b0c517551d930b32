package io.gatehouse.http;

import io.gatehouse.control.Actor;
import io.gatehouse.control.Administration;
import io.gatehouse.control.Refusal;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.http.ControlRoutes.Found;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.prometheus.metrics.model.registry.MultiCollector;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /gateway/v2}: the admin API for resources, and an older one. Users are authenticated
 * before a body is read.
 */
public final class ControlApi implements RouteGroup {
  static final String BASE = "/gateway/v2";

  private static final Logger LOG = LoggerFactory.getLogger(ControlApi.class);

  private final Supplier<Administration> administration;
  private final GatewayControls gateway;
  private final AdminUsers users;
  private final AppliedWait waits;
  private final Turns turns = new Turns();

  /** Created at the first use of the API. */
  private volatile @Nullable ControlRoutes opened;

  /** A request of an authenticated user. */
  record Asked(ServerRequest request, Method method, Actor user, Turns turns) {}

  /**
   * @param administration is called at the first use of the API
   */
  public ControlApi(
      Supplier<Administration> administration, GatewayControls gateway, AdminUsers users) {
    this.administration = administration;
    this.gateway = gateway;
    this.waits = new AppliedWait(gateway.nodes());
    this.users = users;
  }

  /** What happened to calls that wait for all nodes. */
  public MultiCollector metrics() {
    return waits::metrics;
  }

  /** Whether the API answers at this path. */
  static boolean isBelow(String path) {
    return Stream.concat(Stream.of(BASE), LegacyRoutes.PATHS.stream())
        .anyMatch(base -> path.equals(base) || path.startsWith(base + "/"));
  }

  @Override
  public void register(Routes routes) {
    routes.below(BASE, this::handle);
    LegacyRoutes.PATHS.forEach(path -> routes.below(path, this::handle));
  }

  private void handle(ServerRequest req, ServerResponse res, Runnable alive) {
    switch (users.login(req)) {
      case AdminUsers.Login.Known(Actor user) -> {
        var reply = answer(routes(), req, res, user);
        log(req, user, reply);
        reply.send(req, res, alive);
      }
      case AdminUsers.Login other -> {
        var refusal = Access.refusal(other, res);
        Reply.error(refusal.status(), refusal.title(), refusal.detail()).send(req, res, alive);
      }
    }
  }

  private ControlRoutes routes() {
    var api = opened;
    if (api == null) {
      synchronized (this) {
        api = opened;
        if (api == null) {
          api = new ControlRoutes(administration.get(), gateway);
          opened = api;
        }
      }
    }
    return api;
  }

  private Reply answer(ControlRoutes routes, ServerRequest req, ServerResponse res, Actor user) {
    try {
      var method = Responses.isRead(req) ? Method.GET : req.prologue().method();
      if (!method.equals(Method.GET) && Access.fromAnotherSite(req)) {
        return Reply.error(
            Status.FORBIDDEN_403,
            "The user may not do that",
            "The headers Origin or Sec-Fetch-Site show that a page of another site sent this.");
      }
      var path = req.path().path();
      var found =
          routes.find(
              new Asked(req, method, user, turns),
              List.of(path.replaceFirst("^/", "").split("/", -1)));
      return switch (found) {
        case Found.Refused refused -> refused.reply();
        case Found.Permitted permitted -> {
          if (!method.equals(Method.GET)) {
            permitted.call().receive();
            yield waits.around(permitted.call(), () -> permitted.act());
          }
          // Read before the resources, so that a watch from there misses nothing.
          var revision = permitted.call().administration().revision();
          yield permitted
              .act()
              .with(HeaderValues.create(AppliedWait.REVISION, Long.toString(revision)));
        }
      };
    } catch (Refusal refusal) {
      return Reply.of(refusal);
    } catch (InvalidException e) {
      return Reply.invalid(String.valueOf(e.getMessage()));
    } catch (MalformedException e) {
      return Reply.unreadable("Invalid value for: body (%s)".formatted(e.getMessage()));
    } catch (Call.BadParameter e) {
      return Reply.unreadable(String.valueOf(e.getMessage()));
    } catch (Call.BadMedia e) {
      return Reply.error(
          Status.UNSUPPORTED_MEDIA_TYPE_415, "The media type is not supported", e.getMessage());
    } catch (HttpException e) {
      if (!e.keepAlive()) {
        res.header(HeaderValues.CONNECTION_CLOSE);
      }
      return Reply.error(e.status(), "The request is not valid", e.getMessage());
    } catch (CloseConnectionException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.error("{} {} failed", req.prologue().method(), req.path().rawPath(), e);
      return Reply.error(
          Status.INTERNAL_SERVER_ERROR_500,
          "An unexpected error occurred in the server",
          "The gateway's log has the reason.");
    }
  }

  /** Of reads, only the export of everything is audited: it has the hashes of passwords. */
  private static void log(ServerRequest req, Actor user, Reply reply) {
    if (!Responses.isRead(req) || req.path().path().equals(BASE + "/" + ControlRoutes.STATE)) {
      HttpAudit.change(req, user, reply.status().code());
    }
  }
}
