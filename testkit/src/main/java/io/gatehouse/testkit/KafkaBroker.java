package io.gatehouse.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One broker of a {@link KafkaCluster}, a process of its own. It keeps its id, port and data for as
 * long as the cluster lives, however often it is ended and started again.
 */
public final class KafkaBroker {

  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private enum State {
    /** Never started, or ended by the test. */
    DOWN,
    /** Meant to run. */
    UP,
    /** Frozen by the test. */
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

  /** The port of the listener that every broker has, {@code PLAINTEXT}. */
  public int port() {
    return node.port(Node.PLAINTEXT);
  }

  /**
   * A listener's port.
   *
   * @throws IllegalArgumentException when the cluster has no such listener
   */
  public int port(String listener) {
    return node.port(listener);
  }

  /** {@code host:port}. */
  public String address() {
    return node.address(Node.PLAINTEXT);
  }

  /** A listener's {@code host:port}. */
  public String address(String listener) {
    return node.address(listener);
  }

  /** The process's id; of the last one when it is gone. */
  public long pid() {
    return process.pid();
  }

  /** Whether there is a process; a paused one counts. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it without warning (SIGKILL) and waits until the process is gone. */
  public synchronized void kill() {
    state = State.DOWN;
    process.kill();
  }

  /**
   * Ends it in order (SIGTERM): it hands over its leaderships, closes its files, and the process is
   * gone. From 3.9 on it asks the controllers' leave, so that the brokers that are left without a
   * majority of controllers cannot be stopped, only killed.
   *
   * @throws IllegalStateException when it had to be killed after half a minute, with the end of its
   *     log
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
   * Starts it again, with its old port and data, and does not wait: {@link
   * KafkaCluster#awaitReady()} does.
   *
   * @throws IllegalStateException when it runs
   */
  public synchronized void start() {
    launch(cache.use());
  }

  synchronized void launch(Optional<String> cacheArgument) {
    process.launch(cacheArgument.stream().toList());
    state = State.UP;
  }

  /** Freezes it (SIGSTOP): its connections stay open and nothing answers. */
  public synchronized void pause() {
    process.pause();
    state = State.PAUSED;
  }

  /** Lets it go on (SIGCONT). */
  public synchronized void resume() {
    process.resume();
    state = State.UP;
  }

  /** Resident memory in KiB; 0 when it does not run. */
  public long residentKilobytes() {
    return process.residentKilobytes();
  }

  /** The file with everything it has logged, over all its lives. */
  public Path log() {
    return process.log();
  }

  /** Whether the test means it to answer. */
  synchronized boolean isUp() {
    return state == State.UP;
  }

  Node node() {
    return node;
  }

  NodeProcess process() {
    return process;
  }

  /** What it knows of the cluster and these topics. */
  BrokerView view(List<String> topics) throws IOException {
    return BrokerView.ask(host(), port(), topics, Duration.ofSeconds(2));
  }

  @Override
  public String toString() {
    return "broker " + id() + " at " + address();
  }
}
