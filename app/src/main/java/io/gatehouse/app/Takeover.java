package io.gatehouse.app;

import io.gatehouse.app.config.AppSettings.Running;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.net.ListeningSocket;
import io.gatehouse.gateway.takeover.TakeoverClient;
import io.gatehouse.gateway.takeover.TakeoverServer;
import io.gatehouse.http.HttpSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes over from a running gateway, and later lets another process take over from this one. */
final class Takeover implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Takeover.class);
  private static final long LOOK_MILLIS = 20;

  private final Running settings;
  private final @Nullable TakeoverClient predecessor;
  private @Nullable TakeoverServer successors;

  private Takeover(Running settings, @Nullable TakeoverClient predecessor) {
    this.settings = settings;
    this.predecessor = predecessor;
  }

  /** The parts of the process outside the gateway: the HTTP server and the end of the process. */
  interface Callbacks {

    /** Whether the process is ending, so that nothing is restarted. */
    boolean isEnding();

    /** Called when the other process serves HTTP as well. */
    void stopHttp();

    void startHttp();

    /** Called when all connections are closed and the other process serves clients. */
    void replaced();
  }

  /**
   * Requests the listening sockets of the running gateway if this process is to take over.
   *
   * @throws IOException with a message for the user
   */
  static Takeover begin(Running settings, boolean asked) throws IOException {
    Path socket = settings.takeoverSocket();
    if (!asked) {
      return new Takeover(settings, null);
    }
    if (socket == null) {
      throw new IOException(
          "--takeover needs takeover.socket (GATEHOUSE_TAKEOVER_SOCKET), the Unix socket of the"
              + " running gateway");
    }
    TakeoverClient running = TakeoverClient.connect(socket);
    if (running == null) {
      log.info("No gateway answers at {}: starting without takeover", socket);
    } else {
      log.info("Taking over from the gateway at {}", socket);
    }
    return new Takeover(settings, running);
  }

  /** Whether this process takes over from another one. */
  boolean isOn() {
    return predecessor != null;
  }

  /** Whether another process may later use the same HTTP port. */
  HttpSettings.Sharing sharing() {
    return settings.takeoverSocket() == null
        ? HttpSettings.Sharing.NOBODY
        : HttpSettings.Sharing.WITH_SUCCESSOR;
  }

  InheritedSockets sockets() {
    return predecessor == null ? InheritedSockets.none() : predecessor.sockets();
  }

  /**
   * If this process takes over, waits until the gateway is ready and its clusters answer, and then
   * accepts connections instead of the running one.
   *
   * @param ended whether this process is ending
   * @throws IOException if it does not become ready in time, with a message for the user; the
   *     running gateway continues
   */
  void complete(Gateway gateway, BooleanSupplier ended) throws IOException {
    if (predecessor == null) {
      return;
    }
    long deadline = System.nanoTime() + settings.takeoverTimeout().toNanos();
    while (!gateway.health().isHealthy() && predecessor.isActive() && !ended.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        String why = gateway.health().upstreamFailure();
        throw new IOException(
            "not ready within takeover.timeout ("
                + settings.takeoverTimeout().toSeconds()
                + " s), so the running gateway continues"
                + (why == null ? "" : ": " + why));
      }
      pause();
    }
    if (!ended.getAsBoolean()) {
      predecessor.release();
      gateway.acceptInherited();
    }
  }

  private static void pause() throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while taking over", e);
    }
  }

  /**
   * Lets another process take over from now on, if a socket is configured.
   *
   * @throws IOException with a message for the user
   */
  void await(Gateway gateway, Callbacks callbacks) throws IOException {
    Path socket = settings.takeoverSocket();
    if (socket != null) {
      successors = TakeoverServer.listen(socket, new SocketOwner(gateway, callbacks));
    }
  }

  @Override
  public void close() {
    if (successors != null) {
      successors.close();
    }
    if (predecessor != null) {
      predecessor.close();
    }
  }

  private record SocketOwner(Gateway gateway, Callbacks callbacks)
      implements TakeoverServer.SocketOwner {

    @Override
    public List<ListeningSocket> offer() {
      return gateway.offerSockets();
    }

    @Override
    public void withdraw() {
      gateway.withdrawSockets();
    }

    @Override
    public void stopAccepting() {
      gateway.stopAccepting();
    }

    @Override
    public void retire() {
      log.info("Another process has taken over: draining");
      gateway
          .retire()
          .whenComplete((_, failure) -> {
            if (failure == null) {
              callbacks.replaced();
            }
          });
      callbacks.stopHttp();
    }

    @Override
    public void resume() {
      if (!callbacks.isEnding()) {
        gateway.resume();
        callbacks.startHttp();
      }
    }
  }
}
