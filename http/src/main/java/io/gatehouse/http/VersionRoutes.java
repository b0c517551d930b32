package io.gatehouse.http;

import io.helidon.http.Status;

/** {@code GET /versions}. */
record VersionRoutes(Versions versions) implements RouteGroup {
  @Override
  public void register(Routes routes) {
    routes.get("/versions", (req, res) -> Answer.json(req, res, Status.OK_200, versions));
  }
}
