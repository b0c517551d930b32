package io.gatehouse.http;

import static java.util.stream.Collectors.joining;

import io.gatehouse.http.Health.Concern;
import io.gatehouse.http.HttpSettings.Style;
import io.gatehouse.http.HttpSettings.Surface;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.TreeMap;

/**
 * {@code /health}, {@code /health/live}, {@code /health/ready}: respond with 200 or 503. The last
 * two are plain text ({@code READY}, {@code NOTREADY}) as in Conduktor Gateway, and cheap enough
 * for a request every second.
 */
record HealthRoutes(Surface surface, Health health) implements RouteGroup {

  @Override
  public void register(Routes routes) {
    var path = surface.healthPath();
    routes.get(path, surface.style() == Style.KAFKA_PROXY ? this::word : this::report);
    routes.get(path + "/live", (req, res) -> answer(req, res, health.live(), "LIVE", "NOTLIVE"));
    routes.get(
        path + "/ready", (req, res) -> answer(req, res, health.ready(), "READY", "NOTREADY"));
  }

  private static void answer(
      ServerRequest req, ServerResponse res, boolean up, String yes, String no) {
    Responses.text(req, res, up ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503, up ? yes : no);
  }

  /**
   * Responds as kafka-proxy does. kafka-proxy always responds with {@code OK}, the gateway only
   * while it is ready.
   */
  private void word(ServerRequest req, ServerResponse res) {
    if (health.ready()) {
      Responses.text(req, res, Status.OK_200, "OK");
      return;
    }
    var reasons =
        health.checks().stream()
            .filter(check -> !check.up() && check.concern() != Concern.INFORM)
            .map(check -> check.name() + ": " + check.data().getOrDefault("reason", "down"))
            .collect(joining("; "));
    Responses.text(
        req, res, Status.SERVICE_UNAVAILABLE_503, reasons.isEmpty() ? "not ready" : reasons);
  }

  /** {@code id} and {@code outcome} repeat values under their former names. */
  private void report(ServerRequest req, ServerResponse res) {
    var checks = health.checks();
    // As for readiness, informational checks do not affect the status.
    var up = checks.stream().allMatch(check -> check.up() || check.concern() == Concern.INFORM);
    var lines =
        checks.stream()
            .map(c ->
                Json.object(
                    "id",
                    c.name(),
                    "name",
                    c.name(),
                    "status",
                    word(c.up()),
                    "data",
                    new TreeMap<>(c.data())))
            .toList();
    var status = up ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503;
    Responses.json(
        req, res, status, Json.object("status", word(up), "checks", lines, "outcome", word(up)));
  }

  private static String word(boolean up) {
    return up ? "UP" : "DOWN";
  }
}
