package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.gatehouse.http.HttpSettings.Listen;
import io.gatehouse.http.HttpSettings.Sharing;
import io.gatehouse.http.HttpSettings.Style;
import io.gatehouse.http.HttpSettings.Surface;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running HTTP server. Starting costs some tenths of a CPU second, so a gateway serves Kafka
 * first.
 *
 * <p>Helidon gives its port up for good when an accept fails once, as it does when the process is
 * out of file descriptors. A gateway full of clients can be, for a while; so the port is looked
 * after, and taken again.
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final int LOOK_SECONDS = 5;
  private static final int WARM_UP_MILLIS = 10_000;

  private final HttpSettings settings;
  private final List<RouteGroup> groups;
  private final CountDownLatch closed = new CountDownLatch(1);
  private WebServer server;

  private AdminServer(HttpSettings settings, List<RouteGroup> groups) throws ListenException {
    this.server = open(settings, groups);
    var listen = settings.listen();
    var bound = new Listen(listen.host(), server.port(), listen.setting());
    this.settings = settings.with(bound);
    this.groups = groups;
  }

  /**
   * Starts with the groups every gateway has. May be called from a virtual thread; returns when the
   * port is open.
   *
   * @throws ListenException if the address cannot be listened on; its message is for the user
   */
  public static AdminServer start(
      HttpSettings settings, Health health, PrometheusRegistry metrics, LoggerLevels levels)
      throws ListenException {
    return start(settings, standard(settings.surface(), health, metrics, levels));
  }

  /** The groups every gateway has, for a list that goes on. */
  public static List<RouteGroup> standard(
      Surface surface, Health health, PrometheusRegistry metrics, LoggerLevels levels) {
    var groups = new ArrayList<RouteGroup>();
    groups.add(new HealthRoutes(surface, health));
    groups.add(new MetricsRoutes(surface.metricsPath(), metrics));
    groups.add(new VersionRoutes(Versions.ofThisBuild()));
    var kafkaProxy = surface.style() == Style.KAFKA_PROXY;
    groups.add(kafkaProxy ? new IndexRoutes(surface.metricsPath()) : new LoggerRoutes(levels));
    return groups;
  }

  /** Starts with these groups; of two routes for one path and method the first counts. */
  public static AdminServer start(HttpSettings settings, List<RouteGroup> groups)
      throws ListenException {
    var server = new AdminServer(settings, List.copyOf(groups));
    Thread.ofVirtual().name("http-port").start(server::lookAfterPort);
    return server;
  }

  private static WebServer open(HttpSettings settings, List<RouteGroup> groups)
      throws ListenException {
    var listen = settings.listen();
    if (settings.sharing() != Sharing.WITH_PREDECESSOR) {
      ListenException.probe(listen);
    }
    var server = configure(settings, groups).build().start();
    if (!server.isRunning()) {
      throw ListenException.of(listen, new IOException("it was free a moment ago and is not now"));
    }
    return server;
  }

  static WebServerConfig.Builder configure(HttpSettings settings, List<RouteGroup> groups) {
    LeanHelidon.set();
    var listen = settings.listen();
    var limits = settings.limits();
    var connections = new BoundedConnections(limits);
    var routes = new Routes(limits.bodyBytes(), connections);
    groups.forEach(group -> group.register(routes));
    var builder = WebServer.builder();
    if (settings.sharing() != Sharing.NOBODY) {
      builder.putListenerSocketOption(StandardSocketOptions.SO_REUSEPORT, true);
    }
    return builder
        .host(listen.host())
        .port(listen.port())
        .backlog(128)
        .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
        .shutdownGracePeriod(GRACE)
        .maxTcpConnections(limits.connections() + BoundedConnections.ENDING)
        .maxPayloadSize(limits.bodyBytes() + Body.SLACK)
        .idleConnectionTimeout(limits.exchange())
        .idleConnectionPeriod(connections.period())
        .addConnectionSelector(connections)
        .directHandlers(Answer.refusals(limits.bodyBytes()))
        .routing(routes.finish())
        // The program has its own order of shutting down; nothing is found by class path scans.
        .shutdownHook(false)
        .featuresDiscoverServices(false)
        .protocolsDiscoverServices(false)
        .mediaContext(
            MediaContext.builder()
                .mediaSupportsDiscoverServices(false)
                .registerDefaults(false)
                .build())
        .contentEncoding(
            ContentEncodingContext.builder().contentEncodingsDiscoverServices(false).build());
  }

  /**
   * Asks the server for each kind of answer once, so that all classes on the way are loaded and
   * initialised while there are file descriptors for it. A class that could not be initialised, and
   * a jar that could not be opened, stay unusable as long as the process lives. To be called when
   * nobody waits; takes some tenths of a CPU second, which the first probe and scrape would take.
   */
  public void warmUp() {
    // To find nothing, the class loader opens each jar that is not open yet.
    AdminServer.class.getClassLoader().getResource("gatehouse/nothing");
    var health = settings.surface().healthPath();
    var paths =
        List.of(health + "/live", health, settings.surface().metricsPath(), "/gatehouse/nothing");
    try {
      // Handlers wait on virtual threads, which share pollers that the first to wait opens.
      Thread.ofVirtual().start(() -> paths.forEach(this::ask)).join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ask(String path) {
    try (var socket = new Socket()) {
      var host = InetAddress.getByName(settings.listen().host());
      var address = host.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : host;
      socket.connect(new InetSocketAddress(address, port()), WARM_UP_MILLIS);
      waitForNothing(socket);
      socket.setSoTimeout(WARM_UP_MILLIS);
      socket
          .getOutputStream()
          .write(
              "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .formatted(path)
                  .getBytes(US_ASCII));
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      LOG.debug("HTTP server could not be asked for {} beforehand", path, e);
    }
  }

  private static void waitForNothing(Socket socket) throws IOException {
    socket.setSoTimeout(1);
    try {
      socket.getInputStream().skipNBytes(1);
    } catch (SocketTimeoutException _) {
      // As it should be: nothing was asked for yet.
    }
  }

  private void lookAfterPort() {
    try {
      while (!closed.await(LOOK_SECONDS, TimeUnit.SECONDS)) {
        reopenIfLost();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void reopenIfLost() {
    if (closed.getCount() == 0 || !ListenException.isFree(settings.listen())) {
      return;
    }
    try {
      server.stop();
      server = open(settings, groups);
      LOG.warn(
          "HTTP server had lost port {} and has it again; was the process out of files?", port());
    } catch (ListenException e) {
      LOG.warn("{}; trying again in {} s", e.getMessage(), LOOK_SECONDS);
    }
  }

  /** The port listened on: the one of the settings, or the one the system chose for port 0. */
  public int port() {
    return settings.listen().port();
  }

  /** Stops listening, gives running requests two seconds, and ends all connections. Idempotent. */
  @Override
  public synchronized void close() {
    closed.countDown();
    server.stop();
  }
}
