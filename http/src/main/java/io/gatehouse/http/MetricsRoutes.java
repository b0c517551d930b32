package io.gatehouse.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/**
 * Serves metrics as Prometheus text, or as OpenMetrics if the client accepts it, with gzip if the
 * client accepts it.
 */
final class MetricsRoutes implements RouteGroup {
  /** The maximum number of concurrent scrapes, to limit memory. */
  private static final int WRITERS = 2;

  private static final int WAIT_SECONDS = 10;

  private final String path;
  private final PrometheusRegistry registry;
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final Semaphore writers = new Semaphore(WRITERS, true);
  private volatile int lastSize = 16 << 10;

  MetricsRoutes(String path, PrometheusRegistry registry) {
    this.path = path;
    this.registry = registry;
  }

  @Override
  public void register(Routes routes) {
    routes.getSecured(path, this::scrape);
  }

  private void scrape(ServerRequest req, ServerResponse res) throws IOException {
    if (!acquireWriter()) {
      Responses.problem(
          req,
          res,
          Status.SERVICE_UNAVAILABLE_503,
          "Too many concurrent scrapes; scrape less often.");
      return;
    }
    var writer = writer(req.headers().value(HeaderNames.ACCEPT).orElse(""));
    var gzip = acceptsGzip(req.headers().value(HeaderNames.ACCEPT_ENCODING).orElse(""));
    var bytes = new ByteArrayOutputStream(lastSize);
    // Writes to memory first, so that a slow client does not block other scrapes.
    try (OutputStream out = gzip ? new GZIPOutputStream(bytes, 4096) : bytes) {
      writer.write(out, registry.scrape());
    } finally {
      writers.release();
    }
    lastSize = bytes.size() + 1024;
    if (gzip) {
      res.header(HeaderNames.CONTENT_ENCODING, "gzip");
    }
    res.header(HeaderNames.VARY, "Accept, Accept-Encoding");
    Responses.send(req, res, Status.OK_200, writer.getContentType(), bytes.toByteArray());
  }

  private boolean acquireWriter() {
    try {
      return writers.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new CloseConnectionException("the connection was closed in favour of another", e);
    }
  }

  private ExpositionFormatWriter writer(String accept) {
    ExpositionFormatWriter open = formats.getOpenMetricsTextFormatWriter();
    return open.accepts(accept) ? open : formats.getPrometheusTextFormatWriter();
  }

  /**
   * Whether the client accepts gzip (RFC 9110 # 12.5.3). Considers {@code gzip}, {@code *} and
   * weights of zero.
   */
  static boolean acceptsGzip(String header) {
    for (var item : header.toLowerCase(Locale.ROOT).split(",", 32)) {
      var parts = item.split(";", 2);
      var coding = parts[0].strip();
      if (coding.equals("gzip") || coding.equals("x-gzip") || coding.equals("*")) {
        return parts.length == 1 || !parts[1].strip().matches("q\\s*=\\s*0(\\.0*)?");
      }
    }
    return false;
  }
}
