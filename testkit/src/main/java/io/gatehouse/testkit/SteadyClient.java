package io.gatehouse.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A librdkafka client in its own process that produces the numbers from 0 and reads them as a
 * member of a group, until it is closed: {@code testkit/clients/confluent-python/steady.py}.
 */
public final class SteadyClient implements AutoCloseable {

  private static final long END_SECONDS = 30;

  private final Process process;
  private final Thread reading;
  private final Acknowledged acked = new Acknowledged();
  private final Queue<String> others = new ConcurrentLinkedQueue<>();
  private final Set<String> read = ConcurrentHashMap.newKeySet();
  private final AtomicInteger earliestAgain = new AtomicInteger(Integer.MAX_VALUE);
  private final AtomicInteger again = new AtomicInteger();

  private SteadyClient(Process process) {
    this.process = process;
    reading = Thread.ofVirtual().start(this::readOutput);
  }

  /**
   * Starts it.
   *
   * @param topic has four partitions
   * @param ofProducer properties of the producer, such as {@code enable.idempotence=true}
   */
  public static SteadyClient start(
      String bootstrap, String topic, String group, String... ofProducer) {
    Path root = KafkaJars.root(System.getProperty("gatehouse.root"), Path.of("").toAbsolutePath());
    Path program = root.resolve("testkit/clients/confluent-python/steady.py");
    List<String> command =
        new ArrayList<>(List.of("/usr/bin/python3", program.toString(), bootstrap, topic, group));
    command.addAll(List.of(ofProducer));
    try {
      return new SteadyClient(new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void readOutput() {
    try (BufferedReader output = process.inputReader()) {
      output.lines().forEach(this::take);
    } catch (IOException | UncheckedIOException _) {
      // It was ended.
    }
  }

  private void take(String line) {
    if (line.startsWith("acked ")) {
      acked.add(line.substring("acked ".length()));
    } else if (line.startsWith("read ")) {
      String value = line.substring("read ".length());
      if (!read.add(value)) {
        again.incrementAndGet();
        earliestAgain.accumulateAndGet(Integer.parseInt(value), Math::min);
      }
    } else {
      others.add(line);
    }
  }

  /** The numbers that were acknowledged. */
  public Queue<String> acked() {
    return acked.values();
  }

  /** The longest time without an acknowledgement since this was last called. */
  public Duration longestGap() {
    return acked.takeLongestGap();
  }

  /** The numbers that were read. */
  public Set<String> read() {
    return read;
  }

  /** The first number that was read twice, or a very large one. */
  public int earliestAgain() {
    return earliestAgain.get();
  }

  /** How many records were read again. */
  public int readAgain() {
    return again.get();
  }

  /** Everything else that it said: failed records and errors. */
  public Queue<String> others() {
    return others;
  }

  public boolean isRunning() {
    return process.isAlive();
  }

  /** Lets it deliver what it has sent, and ends it. */
  public void stop() {
    try {
      process.getOutputStream().close();
      process.waitFor(END_SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly();
      reading.join();
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
  }
}
