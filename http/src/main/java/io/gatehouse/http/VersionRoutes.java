package io.gatehouse.http;

import io.helidon.http.Status;

/** {@code GET /versions}. */
record VersionRoutes(Versions versions) implements RouteGroup {
  @Override
  public void register(Routes routes) {
    var document =
        Json.object(
            "gateway", versions.gateway(),
            "commit", versions.commit(),
            "java", versions.java(),
            "kafka", versions.kafka(),
            "netty", versions.netty());
    routes.get("/versions", (req, res) -> Responses.json(req, res, Status.OK_200, document));
  }
}
