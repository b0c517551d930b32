package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.gatehouse.auth.pool.Pool;
import io.gatehouse.http.HttpSettings.Listen;
import io.gatehouse.http.HttpSettings.Sharing;
import io.gatehouse.http.HttpSettings.Style;
import io.gatehouse.http.HttpSettings.Surface;
import io.gatehouse.tls.TlsContext;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server. Its start takes a few tenths of a CPU second, so the gateway opens its Kafka
 * listeners first.
 *
 * <p>Helidon closes its port for good when an accept fails, for example because the process is
 * temporarily out of file descriptors. Therefore the port is checked regularly and reopened.
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final int CHECK_SECONDS = 5;
  private static final int WARM_UP_MILLIS = 10_000;

  private final HttpSettings settings;
  private final Served served;
  private final CountDownLatch closed = new CountDownLatch(1);
  private WebServer server;

  /**
   * What connections get.
   *
   * @param groups if two routes have the same path and method, the first one is used
   * @param users who may change anything where users are configured
   * @param tls what the settings' keys and certificates were loaded to; null for HTTP without TLS
   */
  public record Served(List<RouteGroup> groups, AdminUsers users, @Nullable TlsContext tls) {
    public Served {
      groups = List.copyOf(groups);
    }
  }

  private AdminServer(HttpSettings settings, Served served) throws ListenException {
    this.server = open(settings, served);
    var listen = settings.listen();
    var bound = new Listen(listen.host(), server.port(), listen.setting());
    this.settings = settings.with(bound);
    this.served = served;
  }

  /**
   * Starts the server with the standard groups. May be called from a virtual thread. Returns when
   * the port is open.
   *
   * @throws ListenException if the address cannot be bound, with a message for the user
   */
  public static AdminServer start(
      HttpSettings settings, Health health, PrometheusRegistry metrics, LoggerLevels levels)
      throws ListenException {
    return start(settings, standard(settings.surface(), health, metrics, levels));
  }

  /** The standard groups, to which others can be added. */
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

  /** Starts the server with these groups, without users and without TLS. */
  static AdminServer start(HttpSettings settings, List<RouteGroup> groups) throws ListenException {
    return start(settings, unrestricted(groups));
  }

  static Served unrestricted(List<RouteGroup> groups) {
    var nobody = new AdminUsers(UserSettings.of(List.of()), new Pool().leases());
    return new Served(groups, nobody, null);
  }

  /** Starts the server. */
  public static AdminServer start(HttpSettings settings, Served served) throws ListenException {
    var server = new AdminServer(settings, served);
    Thread.ofVirtual().name("http-port").start(server::watchPort);
    return server;
  }

  private static WebServer open(HttpSettings settings, Served served) throws ListenException {
    var listen = settings.listen();
    if (settings.sharing() != Sharing.WITH_PREDECESSOR) {
      ListenException.probe(listen);
    }
    var server = configure(settings, served).build().start();
    if (!server.isRunning()) {
      throw ListenException.of(listen, new IOException("another process has just bound the port"));
    }
    return server;
  }

  static WebServerConfig.Builder configure(HttpSettings settings, Served served) {
    HelidonSetup.apply();
    var listen = settings.listen();
    var limits = settings.limits();
    var connections = new BoundedConnections(limits, served.tls());
    var routes =
        new Routes(
            limits.bodyBytes(),
            connections,
            new Access(served.users(), settings.security().metricsNeedUser()));
    served.groups().forEach(group -> group.register(routes));
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
        .maxPayloadSize(Math.max(limits.bodyBytes(), Body.MOST_BYTES) + (long) Body.SLACK)
        .idleConnectionTimeout(limits.exchange())
        .idleConnectionPeriod(connections.period())
        .addConnectionSelector(connections)
        .directHandlers(Responses.refusals(limits.bodyBytes()))
        .routing(routes.finish())
        // The program shuts down in its own order, and nothing is discovered on the class path.
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
   * Requests each kind of response once, so that all classes are loaded and initialized while file
   * descriptors are free. A class whose initialization failed and a jar that could not be opened
   * stay unusable until the process ends. Takes a few tenths of a CPU second, which the first
   * health check and scrape would take otherwise. With TLS only the jars are opened, because a
   * request might need a client certificate.
   */
  public void warmUp() {
    // Searching a missing resource makes the class loader open every jar.
    AdminServer.class.getClassLoader().getResource("gatehouse/nothing");
    if (served.tls() != null) {
      return;
    }
    var health = settings.surface().healthPath();
    var paths =
        List.of(health + "/live", health, settings.surface().metricsPath(), "/gatehouse/nothing");
    try {
      // The first virtual thread that waits for input opens the pollers that all of them share.
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
      awaitReadTimeout(socket);
      socket.setSoTimeout(WARM_UP_MILLIS);
      socket
          .getOutputStream()
          .write(
              "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .formatted(path)
                  .getBytes(US_ASCII));
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      LOG.debug("The warm-up request for {} failed", path, e);
    }
  }

  private static void awaitReadTimeout(Socket socket) throws IOException {
    socket.setSoTimeout(1);
    try {
      socket.getInputStream().skipNBytes(1);
    } catch (SocketTimeoutException _) {
      // Expected, because no request was sent.
    }
  }

  private void watchPort() {
    try {
      while (!closed.await(CHECK_SECONDS, TimeUnit.SECONDS)) {
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
      server = open(settings, served);
      LOG.warn(
          "The HTTP server has reopened port {}, which it had lost, probably because no file"
              + " descriptor was free",
          port());
    } catch (ListenException e) {
      LOG.warn("{}; trying again in {} s", e.getMessage(), CHECK_SECONDS);
    }
  }

  /** The port of the server. If the settings have port 0, the system has chosen it. */
  public int port() {
    return settings.listen().port();
  }

  /**
   * Stops listening, waits up to two seconds for running requests, and closes all connections.
   * Idempotent.
   */
  @Override
  public synchronized void close() {
    closed.countDown();
    server.stop();
  }
}
