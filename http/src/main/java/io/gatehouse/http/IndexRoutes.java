package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.Status;

/** Like kafka-proxy, serves a page with a link to the metrics at all other paths. */
record IndexRoutes(String metricsPath) implements RouteGroup {
  @Override
  public void register(Routes routes) {
    // HttpSettings.Surface ensures that the path needs no escaping in HTML.
    var page =
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Gatehouse</title></head>
        <body><h1>Gatehouse</h1><p><a href="%s">Metrics</a></p></body></html>
        """
            .formatted(metricsPath)
            .getBytes(UTF_8);
    routes.otherwise(
        (req, res) -> Responses.send(req, res, Status.OK_200, "text/html; charset=utf-8", page));
  }
}
