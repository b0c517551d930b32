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

/** How this process takes the place of a gateway that runs, and how another takes its place. */
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

  /** The part of the process that the gateway does not know: HTTP, and its end. */
  interface Rest {

    /** Whether it is to end, so that nothing is begun again. */
    boolean isEnding();

    /** The other process serves HTTP too by now. */
    void stopHttp();

    void startHttp();

    /** All connections have ended, and the other process serves. */
    void replaced();
  }

  /**
   * Asks the running gateway for its listening sockets, if this process is to take its place.
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
          "--takeover needs takeover.socket (GATEHOUSE_TAKEOVER_SOCKET): the Unix socket at which"
              + " the running gateway can be asked");
    }
    TakeoverClient running = TakeoverClient.connect(socket);
    if (running == null) {
      log.info("No gateway answers at {}, so there is none to take over from", socket);
    } else {
      log.info("Taking over from the gateway that answers at {}", socket);
    }
    return new Takeover(settings, running);
  }

  /** Whether there is a gateway whose place is being taken. */
  boolean isOn() {
    return predecessor != null;
  }

  /** Whether another process may serve HTTP at the same port one day. */
  HttpSettings.Sharing sharing() {
    return settings.takeoverSocket() == null
        ? HttpSettings.Sharing.NOBODY
        : HttpSettings.Sharing.WITH_SUCCESSOR;
  }

  InheritedSockets sockets() {
    return predecessor == null ? InheritedSockets.none() : predecessor.sockets();
  }

  /**
   * Waits until the gateway is ready and its clusters answer, and accepts in the place of the
   * running one, if there is one.
   *
   * @param ended whether this process is to end
   * @throws IOException if it does not get ready in time, with a message for the user; the running
   *     gateway goes on
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
                + " s), so the running gateway goes on"
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
   * Lets another process take this one's place from now on, if there is a socket to ask at.
   *
   * @throws IOException with a message for the user
   */
  void await(Gateway gateway, Rest rest) throws IOException {
    Path socket = settings.takeoverSocket();
    if (socket != null) {
      successors = TakeoverServer.listen(socket, new Owner(gateway, rest));
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

  private record Owner(Gateway gateway, Rest rest) implements TakeoverServer.Owner {

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
      log.info("Another process accepts in this one's place: draining");
      gateway
          .retire()
          .whenComplete((_, failure) -> {
            if (failure == null) {
              rest.replaced();
            }
          });
      rest.stopHttp();
    }

    @Override
    public void resume() {
      if (!rest.isEnding()) {
        gateway.resume();
        rest.startHttp();
      }
    }
  }
}
