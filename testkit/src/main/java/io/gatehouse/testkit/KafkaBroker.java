package io.gatehouse.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A broker of a {@link KafkaCluster}, in its own process. It keeps its id, port and data until the
 * cluster is closed, also across restarts.
 */
public final class KafkaBroker {

  /** The first broker of a version also writes its AOT cache when it stops. */
  private static final Duration STOP_LIMIT = Duration.ofMinutes(2);

  private enum State {
    /** Never started, or stopped by the test. */
    DOWN,
    /** Should be running. */
    UP,
    /** Paused by the test. */
    PAUSED
  }

  private final Node node;
  private final NodeProcess process;
  private final AotCache cache;
  private State state = State.DOWN;

  KafkaBroker(Node node, NodeProcess process, AotCache cache) {
    this.node = node;
    this.process = process;
    this.cache = cache;
  }

  public int id() {
    return node.id();
  }

  public String host() {
    return KafkaCluster.HOST;
  }

  /** The port of the listener {@code PLAINTEXT}, which every broker has. */
  public int port() {
    return node.port(Node.PLAINTEXT);
  }

  /**
   * The port of a listener.
   *
   * @throws IllegalArgumentException if the cluster does not have this listener
   */
  public int port(String listener) {
    return node.port(listener);
  }

  /** {@code host:port}. */
  public String address() {
    return node.address(Node.PLAINTEXT);
  }

  /** {@code host:port} of a listener. */
  public String address(String listener) {
    return node.address(listener);
  }

  /** The id of the process, or of the last one if it has ended. */
  public long pid() {
    return process.pid();
  }

  /** Whether the process exists, also if it is paused. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Kills it (SIGKILL) and waits until the process has ended. */
  public synchronized void kill() {
    state = State.DOWN;
    process.kill();
  }

  /**
   * Stops it (SIGTERM): it hands over its leaderships and closes its files. From 3.9 on this needs
   * the controllers, so brokers without a majority of controllers can only be killed.
   *
   * @throws IllegalStateException if it had to be killed after 30 seconds, with the end of its log
   */
  public synchronized void stop() {
    state = State.DOWN;
    if (!process.stop(STOP_LIMIT)) {
      throw new IllegalStateException(
          process.name()
              + " did not stop in "
              + STOP_LIMIT
              + " and was killed (without a majority of controllers, kill() is the only end)\n"
              + process.logExtract());
    }
  }

  /**
   * Starts it again with its previous port and data, without waiting; see {@link
   * KafkaCluster#awaitReady()}.
   *
   * @throws IllegalStateException if it is running
   */
  public synchronized void start() {
    launch(cache.use());
  }

  synchronized void launch(Optional<String> cacheArgument) {
    process.launch(cacheArgument.stream().toList());
    state = State.UP;
  }

  /** Pauses it (SIGSTOP): its connections stay open, but it does not respond. */
  public synchronized void pause() {
    process.pause();
    state = State.PAUSED;
  }

  /** Resumes it (SIGCONT). */
  public synchronized void resume() {
    process.resume();
    state = State.UP;
  }

  /** The resident memory in KiB; 0 if it is not running. */
  public long residentKilobytes() {
    return process.residentKilobytes();
  }

  /** The file with its log, including earlier processes. */
  public Path log() {
    return process.log();
  }

  /** Whether it should respond. */
  synchronized boolean isUp() {
    return state == State.UP;
  }

  Node node() {
    return node;
  }

  NodeProcess process() {
    return process;
  }

  /** Its view of the cluster and these topics. */
  BrokerView view(List<String> topics) throws IOException {
    return BrokerView.ask(host(), port(), topics, Duration.ofSeconds(2));
  }

  @Override
  public String toString() {
    return "broker " + id() + " at " + address();
  }
}
