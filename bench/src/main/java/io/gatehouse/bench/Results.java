package io.gatehouse.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** All measurements. */
final class Results {

  /**
   * Figures of a relay without load, one value per run.
   *
   * @param startMillis the time to the first response
   * @param startCpuMillis the CPU time until it is idle
   * @param idleMegabytes the resident memory when idle
   * @param connectionKb the resident memory per idle connection, in units of 1024 bytes
   */
  record Standing(
      List<Double> startMillis,
      List<Double> startCpuMillis,
      List<Double> idleMegabytes,
      List<Double> connectionKb) {
    static Standing empty() {
      return new Standing(
          new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  private final Map<Scenario, Map<String, List<Sample>>> samples = new LinkedHashMap<>();
  private final Map<String, Standing> standings = new LinkedHashMap<>();

  void add(Scenario scenario, String target, Sample sample) {
    samples
        .computeIfAbsent(scenario, _ -> new LinkedHashMap<>())
        .computeIfAbsent(target, _ -> new ArrayList<>())
        .add(sample);
  }

  List<Sample> of(Scenario scenario, String target) {
    return samples.getOrDefault(scenario, Map.of()).getOrDefault(target, List.of());
  }

  Standing standing(String target) {
    return standings.computeIfAbsent(target, _ -> Standing.empty());
  }

  /** The largest resident memory after any load, in megabytes; zero if it was not measured. */
  double largestMegabytes(String target) {
    return samples.values().stream()
        .flatMap(byTarget -> byTarget.getOrDefault(target, List.of()).stream())
        .mapToDouble(Sample::residentMegabytes)
        .max()
        .orElse(0);
  }

  Spread spread(Scenario scenario, String target, ToDoubleFunction<Sample> figure) {
    return Spread.of(of(scenario, target).stream().map(figure::applyAsDouble).toList());
  }

  /** Minimum, median and maximum of several values; zero if there are none. */
  record Spread(double least, double median, double greatest) {
    static Spread of(List<Double> figures) {
      if (figures.isEmpty()) {
        return new Spread(0, 0, 0);
      }
      List<Double> sorted = figures.stream().sorted().toList();
      int half = sorted.size() / 2;
      double median =
          sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
      return new Spread(sorted.getFirst(), median, sorted.getLast());
    }
  }
}
