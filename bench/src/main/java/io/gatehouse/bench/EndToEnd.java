package io.gatehouse.bench;

import io.gatehouse.bench.micro.Microbenchmarks;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Puts the same load on a broker directly, through haproxy as a plain relay, and through the
 * gateway, and reports the cost of each. See docs/performance.md.
 */
public final class EndToEnd {

  private final PrintStream out;
  private final Options options;
  private final Results results = new Results();

  private EndToEnd(Options options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  /**
   * Runs the benchmark with the arguments of {@link Options#USAGE}; exits with 2 for invalid
   * arguments.
   */
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    if (List.of(args).contains("--help")) {
      out.print(Options.USAGE);
      return;
    }
    if (args.length > 0 && args[0].equals("jmh")) {
      Microbenchmarks.main(Arrays.copyOfRange(args, 1, args.length));
      return;
    }
    if (List.of(args).equals(List.of("changes"))) {
      try (ChangesBenchmark changes = new ChangesBenchmark(out)) {
        changes.run();
      }
      System.exit(0);
      return;
    }
    Options options;
    try {
      options = Options.parse(List.of(args));
    } catch (IllegalArgumentException e) {
      System.err.println("bench: " + e.getMessage() + "\n" + Options.USAGE);
      System.exit(2);
      return;
    }
    new EndToEnd(options, out).run();
    System.exit(0); // remaining threads do not need to finish
  }

  private void run() throws IOException, InterruptedException {
    try (Targets targets = new Targets(options)) {
      BenchCluster cluster = targets.startBroker();
      List<Target> running = new ArrayList<>();
      for (String name : options.targets()) {
        if (!Targets.isInstalled(name)) {
          out.println(name + " is not installed, and left out");
          continue;
        }
        running.add(targets.start(name));
        if (!name.equals(Options.DIRECT)) {
          standing(targets, name);
        }
      }
      for (Scenario scenario : options.scenarios()) {
        if (scenario != Scenario.CONNS) {
          rounds(scenario, running, cluster.topics());
        }
      }
      Report report = new Report(options, results, running.stream().map(Target::name).toList());
      out.println();
      out.print(report.markdown());
      write(options.json(), report.json());
      write(options.markdown(), report.markdown());
    }
  }

  private static void write(@Nullable Path file, String text) throws IOException {
    if (file != null) {
      Files.writeString(file, text);
    }
  }

  /** Measures new processes of a relay without load. */
  private void standing(Targets targets, String name) throws IOException, InterruptedException {
    Results.Standing standing = results.standing(name);
    for (int round = 0; round < options.rounds(); round++) {
      Target fresh = targets.startAnother(name);
      try (RelayProcess relay = java.util.Objects.requireNonNull(fresh.relay())) {
        standing.startMillis().add(relay.startMillis());
        TimeUnit.SECONDS.sleep(1);
        standing.startCpuMillis().add(fresh.cpuSeconds() * 1000);
        standing.idleMegabytes().add(fresh.residentMegabytes());
        if (options.scenarios().contains(Scenario.CONNS)) {
          standing.connectionKb().add(IdleConnections.kilobytesEach(fresh));
        }
      }
    }
    out.printf(
        Locale.ROOT,
        "%-12s start %s ms, %s ms of CPU, idle %s MB, per idle connection %s KB%n",
        name,
        rounded(standing.startMillis()),
        rounded(standing.startCpuMillis()),
        rounded(standing.idleMegabytes()),
        rounded(standing.connectionKb()));
  }

  private static List<String> rounded(List<Double> figures) {
    return figures.stream().map(f -> String.format(Locale.ROOT, "%.1f", f)).toList();
  }

  private void rounds(Scenario scenario, List<Target> targets, Topics topics)
      throws IOException, InterruptedException {
    List<Target> order = new ArrayList<>(targets);
    for (int round = 1; round <= options.rounds(); round++) {
      for (Target target : order) {
        Sample sample = measure(scenario, target, topics);
        results.add(scenario, target.name(), sample);
        out.printf(
            Locale.ROOT,
            "%-11s %d  %-12s %7.1f MB/s %9.0f records/s  %6.2f CPU s  %8.3f %s",
            scenario,
            round,
            target.name(),
            sample.megabytesPerSecond(),
            sample.recordsPerSecond(),
            sample.cpuSeconds(),
            sample.cost(scenario.cost()),
            scenario.cost().unit());
        if (scenario == Scenario.LATENCY) {
          out.printf(Locale.ROOT, "  p50 %.3f p99 %.3f ms", sample.p50Millis(), sample.p99Millis());
        }
        out.printf(Locale.ROOT, "  %.0f MB%n", sample.residentMegabytes());
      }
      Collections.rotate(order, -1);
    }
  }

  private Sample measure(Scenario scenario, Target target, Topics topics)
      throws IOException, InterruptedException {
    Map<String, Integer> connectionsBefore = OwnConnections.remotePorts();
    try (Load load = scenario.start(target, topics)) {
      TimeUnit.SECONDS.sleep(options.warmUp());
      OwnConnections.check(connectionsBefore, target.ports());
      load.takeLatencies();
      Load.Progress before = load.progress();
      double cpuBefore = target.cpuSeconds();
      long start = System.nanoTime();
      TimeUnit.SECONDS.sleep(options.seconds());
      Load.Progress done = load.progress().since(before);
      double cpu = target.cpuSeconds() - cpuBefore;
      double seconds = (System.nanoTime() - start) / 1e9;
      OwnConnections.check(connectionsBefore, target.ports());
      if (done.records() == 0) {
        throw new IllegalStateException(
            "no record in " + seconds + " s of " + scenario + " through " + target.name());
      }
      Histogram latencies = load.takeLatencies();
      return new Sample(
          seconds,
          done.bytes(),
          done.records(),
          cpu,
          latencies.getValueAtPercentile(50) / 1e3,
          latencies.getValueAtPercentile(99) / 1e3,
          target.residentMegabytes());
    }
  }
}
