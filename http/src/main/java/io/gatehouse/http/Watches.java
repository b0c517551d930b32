package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.control.Administration;
import io.gatehouse.control.store.RecentChanges.Part;
import io.gatehouse.control.store.RecentChanges.Seen;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /gateway/v2/watch}: an event for each change of a resource after a revision, as it
 * comes (server-sent events). The changes are read from {@link
 * io.gatehouse.control.store.RecentChanges}, so a slow client has no queue of its own: if it is too
 * far behind, its watch ends.
 */
final class Watches {
  static final Set<String> QUERY = Set.of("from", "seconds");

  private static final HeaderName LAST_EVENT = HeaderNames.create("Last-Event-ID");

  private static final Logger LOG = LoggerFactory.getLogger(Watches.class);

  private static final int MAX_WATCHES = 32;

  /** Shorter than the time after which a connection without progress is closed. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(2);

  /** Then the client asks again, and its credentials are checked again. */
  private static final int MAX_SECONDS = 300;

  /** For a client that has read the resources on another node, which was a little ahead. */
  private static final Duration BEHIND = Duration.ofSeconds(2);

  private final Semaphore places = new Semaphore(MAX_WATCHES);

  /**
   * What a client asks for.
   *
   * @param from the revision after which it begins
   */
  private record Watch(
      Administration administration, Predicate<Seen> filter, long from, int seconds) {

    @Nullable Part after(long revision, Duration most) throws InterruptedException {
      var part = administration.changesAfter(revision, most);
      return part == null ? null : part.of(filter);
    }

    @Nullable Part first() throws InterruptedException {
      return after(from, from > administration.revision() ? BEHIND : Duration.ZERO);
    }
  }

  /** The reply begins when it is sent, so that nothing is held until then. */
  Reply watch(Call call, Predicate<Seen> filter) {
    var from = revision("query parameter from", call.query("from"));
    if (from == null) {
      // Browsers send it when they connect again.
      from = revision("header Last-Event-ID", call.header(LAST_EVENT));
    }
    var seconds = call.query("seconds");
    if (seconds != null && !seconds.matches("[1-9][0-9]?|[12][0-9][0-9]|300")) {
      throw new Call.BadParameter(
          "Invalid value for: query parameter seconds, it must be a number from 1 to "
              + MAX_SECONDS);
    }
    var watch =
        new Watch(
            call.administration(),
            filter,
            from == null ? call.administration().revision() : from,
            seconds == null ? MAX_SECONDS : Integer.parseInt(seconds));
    return Reply.continued((req, res, alive) -> send(watch, req, res, alive));
  }

  private static @Nullable Long revision(String what, @Nullable String given) {
    if (given != null && !given.matches("[0-9]{1,18}")) {
      throw new Call.BadParameter(
          "Invalid value for: %s, it must be a revision, as in the header Gatehouse-Revision"
              .formatted(what));
    }
    return given == null ? null : Long.valueOf(given);
  }

  /**
   * Sends events as long as the client reads them.
   *
   * @param alive is called when the client has read another part
   */
  private void send(Watch watch, ServerRequest req, ServerResponse res, Runnable alive) {
    if (!places.tryAcquire()) {
      Reply.error(
              Status.SERVICE_UNAVAILABLE_503,
              "Too many watches at once",
              "There are %d already; try again later.".formatted(MAX_WATCHES))
          .send(req, res, alive);
      return;
    }
    try {
      var first = watch.first();
      if (first == null) {
        Reply.error(Status.GONE_410, "The changes are not held", gone(watch.from))
            .send(req, res, alive);
        return;
      }
      res.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
      res.header(HeaderNames.CACHE_CONTROL, "no-store");
      LOG.debug("a watch of the resources begins after revision {}", watch.from);
      send(first, watch, res.outputStream(), alive);
    } catch (InterruptedException e) {
      throw new CloseConnectionException("the connection was closed to make room for another", e);
    } finally {
      places.release();
    }
  }

  private static String gone(long from) {
    return ("This node does not hold all changes after revision %d, or has not reached it. Read the"
            + " resources, and watch from the revision in the header Gatehouse-Revision.")
        .formatted(from);
  }

  private static void send(Part first, Watch watch, OutputStream to, Runnable alive)
      throws InterruptedException {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(watch.seconds);
    var part = first;
    try (to) {
      while (true) {
        var revision = part.revision();
        for (var change : part.changes()) {
          write(to, "event: change\ndata: " + json(HistoryRoutes.shown(change)));
        }
        // An id means that all events up to this revision were sent.
        write(to, "id: %d\nevent: revision\ndata: {\"revision\":%d}".formatted(revision, revision));
        to.flush();
        alive.run();
        var left = end - System.nanoTime();
        if (left <= 0) {
          write(to, "event: end\ndata: {\"revision\":%d}".formatted(revision));
          return;
        }
        part = watch.after(revision, Duration.ofNanos(Math.min(left, HEARTBEAT.toNanos())));
        if (part == null) {
          write(to, "event: gone\ndata: " + json(Json.object("msg", gone(revision))));
          return;
        }
      }
    } catch (IOException | UncheckedIOException e) {
      // The client has closed the connection, which is the usual end.
    }
  }

  private static String json(Object value) {
    return new String(Json.bytes(value), UTF_8);
  }

  private static void write(OutputStream to, String event) throws IOException {
    to.write((event + "\n\n").getBytes(UTF_8));
  }
}
