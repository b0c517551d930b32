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

/** Prometheus text, or OpenMetrics for those who accept it, gzip for those who accept that. */
final class MetricsRoutes implements RouteGroup {
  /** Scrapes written at once: more would only share the same CPU and hold more memory. */
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
    routes.get(path, this::scrape);
  }

  private void scrape(ServerRequest req, ServerResponse res) throws IOException {
    if (!acquireWriter()) {
      Answer.problem(
          req, res, Status.SERVICE_UNAVAILABLE_503, "Too many scrapes at once; scrape less often.");
      return;
    }
    var writer = writer(req.headers().value(HeaderNames.ACCEPT).orElse(""));
    var gzip = acceptsGzip(req.headers().value(HeaderNames.ACCEPT_ENCODING).orElse(""));
    var bytes = new ByteArrayOutputStream(lastSize);
    // Written to memory first: a client that reads slowly must not hold a place here.
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
    Answer.send(req, res, Status.OK_200, writer.getContentType(), bytes.toByteArray());
  }

  private boolean acquireWriter() {
    try {
      return writers.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new CloseConnectionException("the connection was closed to make room for another", e);
    }
  }

  private ExpositionFormatWriter writer(String accept) {
    ExpositionFormatWriter open = formats.getOpenMetricsTextFormatWriter();
    return open.accepts(accept) ? open : formats.getPrometheusTextFormatWriter();
  }

  /** RFC 9110 §12.5.3, of which {@code gzip}, {@code *} and a weight of zero matter. */
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
