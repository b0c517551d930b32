package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /tap?listener=..&client=..&api=..&bodies=true&rate=..&count=..&for=..}: a line of JSON
 * for each frame, as long as the client reads. An empty line is sent at the start and after two
 * seconds without frames, so that a closed connection is noticed.
 */
public record TapRoutes(FrameTaps taps) implements RouteGroup {
  static final String PATH = "/tap";
  private static final Logger LOG = LoggerFactory.getLogger(LoggerLevels.CHANGES);
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(2);

  /** Lines in quick succession are sent together. */
  private static final Duration AT_ONCE = Duration.ZERO;

  @Override
  public void register(Routes routes) {
    routes.stream(PATH, this::tap);
  }

  private void tap(ServerRequest req, ServerResponse res, Runnable alive) {
    var asked = req.query().rawValue();
    var from = req.remotePeer().host() + ":" + req.remotePeer().port();
    try (var lines = taps.open(parameters(asked))) {
      LOG.info("a tap begins, requested by {}: {}", from, asked.isEmpty() ? "all frames" : asked);
      try {
        res.header(HeaderNames.CONTENT_TYPE, "application/x-ndjson");
        res.header(HeaderNames.CACHE_CONTROL, "no-store");
        send(lines, res.outputStream(), alive);
      } finally {
        LOG.info("the tap from {} ends after {} frames", from, lines.shown());
      }
    } catch (IllegalArgumentException e) {
      throw new HttpException(String.valueOf(e.getMessage()), Status.BAD_REQUEST_400, true);
    } catch (FrameTaps.TooManyException e) {
      throw new HttpException(String.valueOf(e.getMessage()), Status.TOO_MANY_REQUESTS_429, true);
    }
  }

  /** Returns when the tap has ended or the client has closed the connection. */
  private static void send(FrameTaps.Lines lines, OutputStream to, Runnable alive) {
    try (to) {
      write(to, "");
      to.flush();
      var flushed = System.nanoTime();
      var unsent = false;
      while (!lines.isEnded()) {
        var line = lines.next(unsent ? AT_ONCE : KEEP_ALIVE);
        if (line != null) {
          write(to, line);
          unsent = true;
        }
        var isDue = System.nanoTime() - flushed > TimeUnit.MILLISECONDS.toNanos(20);
        if (line == null || isDue) {
          if (!unsent) {
            write(to, "");
          }
          to.flush();
          alive.run();
          flushed = System.nanoTime();
          unsent = false;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | UncheckedIOException e) {
      // The client has closed the connection, which is the usual end of a tap.
    }
  }

  private static void write(OutputStream to, String line) throws IOException {
    to.write((line + "\n").getBytes(UTF_8));
  }

  private static Map<String, List<String>> parameters(String query) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    for (var part : query.split("&", -1)) {
      if (!part.isEmpty()) {
        var equals = part.indexOf('=');
        var name = equals < 0 ? part : part.substring(0, equals);
        var value = equals < 0 ? "true" : part.substring(equals + 1);
        all.computeIfAbsent(URLDecoder.decode(name, UTF_8), _ -> new ArrayList<>())
            .add(URLDecoder.decode(value, UTF_8));
      }
    }
    return all;
  }
}
