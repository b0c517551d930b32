package io.gatehouse.authplugins;

import io.gatehouse.auth.AuthMetrics;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a plugin and keeps it running. Safe for use by many threads, which block.
 *
 * <pre>
 *            handshake, health                 crash, hang
 *   started ------------------> serving ------------------------> waiting (100 ms .. 30 s)
 *      |                          |   ^                              |
 *      | the first start fails    |   +--------- started again ------+
 *      v                          v
 *   PluginFailure               closed: Shutdown, SIGTERM, SIGKILL
 * </pre>
 */
final class PluginSupervisor implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PluginSupervisor.class);

  /** Concurrent calls of one plugin. */
  static final int MAX_CALLS = 64;

  private static final String HEALTH = "/grpc.health.v1.Health/Check";
  private static final String SHUTDOWN = "/plugin.GRPCController/Shutdown";

  /** A HealthCheckRequest (service = 1) for the service name that go-plugin registers. */
  private static final byte[] HEALTH_OF_PLUGIN =
      new ProtobufMessage.Writer().text(1, "plugin").bytes();

  private static final Duration FIRST_WAIT = Duration.ofMillis(100);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** A program that ran for this long did start properly, so that the next wait is short again. */
  private static final Duration LIVED = Duration.ofMinutes(1);

  /** A connection that is lost sooner counts as a failed one. */
  private static final Duration CONNECTED = Duration.ofSeconds(1);

  /** Failed connections in a row after which the program is started again. */
  private static final int BAD_CONNECTIONS = 3;

  private static final Duration GRACE = Duration.ofSeconds(2);

  /** A running program and the connection to it. */
  private record Serving(PluginProcess process, Handshake handshake, GrpcConnection connection) {}

  private final PluginKind kind;
  private final PluginSettings settings;
  private final PluginLog output;
  private final MultiThreadIoEventLoopGroup loop;
  private final Semaphore places = new Semaphore(MAX_CALLS, true);
  private final AtomicBoolean probing = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable Serving serving;
  private volatile @Nullable Thread keeper;

  private PluginSupervisor(PluginKind kind, PluginSettings settings) {
    this.kind = kind;
    this.settings = settings;
    this.output = new PluginLog(settings.name(), settings.logLevel());
    this.loop =
        new MultiThreadIoEventLoopGroup(
            1,
            Thread.ofPlatform().daemon().name("plugin-" + settings.name()).factory(),
            NioIoHandler.newFactory());
  }

  /**
   * Starts the program and waits until it answers.
   *
   * @throws PluginFailure when it does not answer, with advice; the program is ended then
   */
  static PluginSupervisor start(PluginKind kind, PluginSettings settings) throws PluginFailure {
    PluginSupervisor supervisor = new PluginSupervisor(kind, settings);
    try {
      Serving first = supervisor.launch();
      supervisor.serving = first;
      AuthMetrics.pluginStarted(settings.name());
      supervisor.keeper =
          Thread.ofVirtual()
              .name("plugin-keeper-" + settings.name())
              .start(() -> supervisor.supervise(first));
      return supervisor;
    } catch (PluginFailure e) {
      supervisor.close();
      throw supervisor.named(e);
    } catch (RuntimeException e) {
      supervisor.close();
      throw e;
    }
  }

  /**
   * Calls the plugin's interface.
   *
   * @throws PluginFailure UNAVAILABLE while the plugin is being started again; DEADLINE_EXCEEDED
   *     when it takes too long; RESOURCE_EXHAUSTED when too many calls wait; otherwise the status
   *     of the answer
   */
  ProtobufMessage call(ProtobufMessage.Writer request) throws PluginFailure {
    long begun = System.nanoTime();
    try {
      if (!places.tryAcquire(settings.callTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
        throw named(
            new PluginFailure(
                GrpcStatus.RESOURCE_EXHAUSTED, "it has " + MAX_CALLS + " calls to answer already"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw named(new PluginFailure(GrpcStatus.CANCELLED, "interrupted while it was called", e));
    }
    Serving now = serving;
    try {
      if (now == null) {
        throw new PluginFailure(
            GrpcStatus.UNAVAILABLE,
            closed.get() ? "it was stopped with the gateway" : "it crashed and is started again");
      }
      Duration left = settings.callTimeout().minusNanos(System.nanoTime() - begun);
      return ProtobufMessage.read(
          now.connection().call(kind.method, request.bytes(), atLeast(left)));
    } catch (PluginFailure e) {
      if (now != null && e.status() == GrpcStatus.DEADLINE_EXCEEDED) {
        probe(now);
      }
      throw named(e);
    } finally {
      places.release();
    }
  }

  private static Duration atLeast(Duration left) {
    return left.toMillis() < 1 ? Duration.ofMillis(1) : left;
  }

  /** The process id of the program; -1 while it does not run. */
  long pid() {
    Serving now = serving;
    return now == null ? -1 : now.process().pid();
  }

  private Serving launch() throws PluginFailure {
    Instant end = Instant.now().plus(settings.startTimeout());
    PluginProcess process = PluginProcess.begin(kind, settings, output);
    try {
      Handshake handshake = process.handshake(settings.startTimeout());
      Duration left = atLeast(Duration.between(Instant.now(), end));
      GrpcConnection connection = connect(handshake, left);
      log.info("The plugin {} runs with process id {}", settings.program(), process.pid());
      return new Serving(process, handshake, connection);
    } catch (PluginFailure e) {
      process.end(false);
      throw e;
    }
  }

  /** Opens a connection and checks that the plugin answers on it. */
  private GrpcConnection connect(Handshake handshake, Duration timeout) throws PluginFailure {
    GrpcConnection connection = GrpcConnection.open(loop, handshake.address(), timeout);
    try {
      checkHealth(connection, timeout);
      connection.follow(PluginStdio.METHOD, new PluginStdio(output));
      return connection;
    } catch (PluginFailure e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Checks that the plugin answers at all, as go-plugin's own hosts do; the answer does not matter.
   */
  private static void checkHealth(GrpcConnection connection, Duration timeout)
      throws PluginFailure {
    try {
      connection.call(HEALTH, HEALTH_OF_PLUGIN, timeout);
    } catch (PluginFailure e) {
      if (e.status() != GrpcStatus.UNIMPLEMENTED && e.status() != GrpcStatus.NOT_FOUND) {
        throw e;
      }
      log.debug("a plugin does not know grpc.health.v1.Health for the service plugin");
    }
  }

  /** After a call without an answer: ends a plugin that does not answer a health check either. */
  private void probe(Serving doubted) {
    if (!probing.compareAndSet(false, true)) {
      return;
    }
    Thread.startVirtualThread(() -> {
      try {
        checkHealth(doubted.connection(), settings.callTimeout());
      } catch (PluginFailure e) {
        if (e.status() == GrpcStatus.DEADLINE_EXCEEDED) {
          log.warn("The plugin {} hangs: it is ended", settings.program());
          doubted.process().end(false);
        }
      } finally {
        probing.set(false);
      }
    });
  }

  /** Starts the program again whenever it ends, until the supervisor is closed. */
  private void supervise(Serving first) {
    Serving now = first;
    Duration wait = FIRST_WAIT;
    try {
      while (!closed.get()) {
        Instant begun = Instant.now();
        now = serve(now);
        if (closed.get()) {
          return;
        }
        serving = null;
        wait = begun.plus(LIVED).isBefore(Instant.now()) ? FIRST_WAIT : wait;
        log.error(
            "The plugin {} {}; it is started again in {} ms",
            settings.program(),
            now.process().end(),
            wait.toMillis());
        now.connection().close();
        now.process().end(false);
        Serving next = null;
        while (next == null) {
          Thread.sleep(wait);
          wait = wait.multipliedBy(2);
          wait = wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
          next = relaunch(wait);
        }
        now = next;
        serving = now;
        AuthMetrics.pluginRestarted(settings.name());
      }
      // The supervisor may have been closed between the start and this check.
      now.process().end(true);
    } catch (InterruptedException e) {
      // Only close() interrupts, and it ends the program itself.
      log.debug("the plugin {} is no longer kept running", settings.program());
    } catch (RuntimeException e) {
      log.error("An error of the gateway: {} is no longer kept running", settings.program(), e);
    }
  }

  private @Nullable Serving relaunch(Duration next) throws InterruptedException {
    try {
      return launch();
    } catch (PluginFailure e) {
      if (Thread.interrupted()) {
        throw new InterruptedException(e.getMessage());
      }
      log.error("{}; it is started again in {} ms", named(e).getMessage(), next.toMillis());
      return null;
    }
  }

  /**
   * Waits until the program ends or no connection can be made. Replaces a lost connection by a new
   * one.
   */
  private Serving serve(Serving first) throws InterruptedException {
    Serving now = first;
    int bad = 0;
    while (true) {
      Instant begun = Instant.now();
      await(CompletableFuture.anyOf(now.process().onExit(), now.connection().lost()));
      bad = begun.plus(CONNECTED).isBefore(Instant.now()) ? 0 : bad + 1;
      if (closed.get() || bad > BAD_CONNECTIONS || !now.process().isAlive()) {
        return now;
      }
      try {
        GrpcConnection next = connect(now.handshake(), settings.callTimeout());
        now.connection().retire(settings.callTimeout());
        log.debug(
            "the plugin {}: a new connection, as {}",
            settings.program(),
            now.connection().lost().getNow(""));
        now = new Serving(now.process(), now.handshake(), next);
        serving = now;
      } catch (PluginFailure e) {
        if (Thread.interrupted()) {
          throw new InterruptedException(e.getMessage());
        }
        return now;
      }
    }
  }

  private static void await(CompletableFuture<?> event) throws InterruptedException {
    try {
      event.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("A process ends, and a connection is lost, without fail", e);
    }
  }

  /** Adds the plugin's name, for all failures that leave this class. */
  PluginFailure named(PluginFailure failure) {
    return new PluginFailure(
        failure.status(),
        "The plugin " + settings.program() + ": " + failure.getMessage(),
        failure);
  }

  /**
   * Ends the program by the Shutdown call, SIGTERM and SIGKILL in turn. Takes a few seconds at
   * most.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    Thread running = keeper;
    try {
      if (running != null) {
        running.interrupt();
        running.join(GRACE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Serving last = serving;
    serving = null;
    if (last != null) {
      if (askedToEnd(last.connection())) {
        last.process().awaitEnd(GRACE);
      }
      last.process().end(true);
      last.connection().close();
    }
    loop.shutdownGracefully(0, GRACE.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(GRACE.multipliedBy(2).toMillis());
  }

  /** Asks the program to end; whether it may be doing so. */
  private boolean askedToEnd(GrpcConnection connection) {
    try {
      connection.call(SHUTDOWN, new byte[0], GRACE);
      return true;
    } catch (PluginFailure e) {
      log.debug("the plugin {}, asked to end: {}", settings.program(), e.getMessage());
      // go-plugin may close the connection before it answers.
      return e.status() == GrpcStatus.UNAVAILABLE;
    }
  }
}
