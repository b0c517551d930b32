package io.gatehouse.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Runs a cluster for scripts:
 *
 * <pre>
 *   --version 4.4            the release
 *   --brokers 3              how many
 *   --first-id 0             the lowest broker id
 *   --property KEY=VALUE     a broker property; may be repeated
 *   --listener NAME=PROTOCOL another listener; may be repeated
 *   --jvm ARGUMENT           an argument for the brokers' JVMs; may be repeated
 *   --ignore-stdin           stay until SIGTERM, even when standard input has ended
 * </pre>
 *
 * When all brokers are ready, prints {@code pid.ID=...} for each broker, {@code bootstrap.NAME=...}
 * for each added listener and, last, {@code bootstrap=...}. Then runs until its standard input ends
 * or it receives SIGTERM.
 */
final class ClusterCommand {

  private KafkaVersion version = KafkaVersion.V4_4;
  private int brokers = 3;
  private boolean ignoreStdin;

  private ClusterCommand() {}

  /** Runs the cluster and returns the exit code. */
  static int run(String[] args) {
    try {
      return new ClusterCommand().start(List.of(args));
    } catch (IllegalArgumentException e) {
      System.err.println("cannot start a cluster: " + e.getMessage());
      return 2;
    } catch (IllegalStateException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private int start(List<String> args) {
    ClusterSpec spec = parse(args);
    try (KafkaCluster cluster = spec.start()) {
      for (KafkaBroker broker : cluster.brokers()) {
        System.out.println("pid." + broker.id() + "=" + broker.pid());
      }
      for (String listener : spec.listeners().keySet()) {
        System.out.println("bootstrap." + listener + "=" + cluster.bootstrapServers(listener));
      }
      System.out.println("bootstrap=" + cluster.bootstrapServers());
      System.out.flush();
      awaitEnd();
      return 0;
    }
  }

  private ClusterSpec parse(List<String> args) {
    // The release and the number of brokers are needed to create the specification, so they are
    // parsed first.
    for (Iterator<String> rest = args.iterator(); rest.hasNext(); ) {
      switch (rest.next()) {
        case "--version" -> version = KafkaVersion.of(value("--version", rest));
        case "--brokers" -> brokers = number("--brokers", rest);
        default -> {}
      }
    }
    ClusterSpec spec = KafkaCluster.of(version, brokers);
    for (Iterator<String> rest = args.iterator(); rest.hasNext(); ) {
      String option = rest.next();
      switch (option) {
        case "--version", "--brokers" -> value(option, rest);
        case "--first-id" -> spec.withFirstId(number(option, rest));
        case "--property" -> {
          String[] pair = pair(option, rest);
          spec.with(pair[0], pair[1]);
        }
        case "--listener" -> {
          String[] pair = pair(option, rest);
          spec.withListener(pair[0], pair[1]);
        }
        case "--jvm" -> spec.withJvm(value(option, rest));
        case "--ignore-stdin" -> ignoreStdin = true;
        default ->
            throw new IllegalArgumentException(
                "unknown option '"
                    + option
                    + "'; known: --version, --brokers, --first-id, --property, --listener, --jvm,"
                    + " --ignore-stdin");
      }
    }
    return spec;
  }

  private static String value(String option, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new IllegalArgumentException(option + " needs a value after it");
    }
    return rest.next();
  }

  private static int number(String option, Iterator<String> rest) {
    String text = value(option, rest);
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + " needs a number, not '" + text + "'", e);
    }
  }

  private static String[] pair(String option, Iterator<String> rest) {
    String text = value(option, rest);
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new IllegalArgumentException(option + " needs KEY=VALUE, not '" + text + "'");
    }
    return new String[] {text.substring(0, equals), text.substring(equals + 1)};
  }

  private void awaitEnd() {
    try {
      if (ignoreStdin) {
        new CountDownLatch(1).await();
      }
      try (InputStream in = System.in) {
        while (in.read() >= 0) {
          // The content of the input is ignored.
        }
      }
    } catch (IOException e) {
      System.err.println("standard input ended: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
