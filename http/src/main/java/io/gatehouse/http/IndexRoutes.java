package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.Status;

/** kafka-proxy §12: any other path is a small page with a link to the metrics. */
record IndexRoutes(String metricsPath) implements RouteGroup {
  @Override
  public void register(Routes routes) {
    // The path has no character that HTML minds: HttpSettings.Surface saw to it.
    var page =
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Gatehouse</title></head>
        <body><h1>Gatehouse</h1><p><a href="%s">Metrics</a></p></body></html>
        """
            .formatted(metricsPath)
            .getBytes(UTF_8);
    routes.otherwise(
        (req, res) -> Answer.send(req, res, Status.OK_200, "text/html; charset=utf-8", page));
  }
}
