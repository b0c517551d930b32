package io.gatehouse.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Formats {@link Results} as tables and as JSON. */
final class Report {

  private final Options options;
  private final Results results;
  private final List<String> targets;

  /**
   * @param targets the measured targets in order
   */
  Report(Options options, Results results, List<String> targets) {
    this.options = options;
    this.results = results;
    this.targets = targets;
  }

  /**
   * A row for each figure and a column for each target: the median with minimum and maximum in
   * brackets.
   */
  String markdown() {
    List<List<String>> rows = rows();
    int columns = targets.size() + 2;
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (int r = 0; r < rows.size(); r++) {
      text.append(line(rows.get(r), widths));
      if (r == 0) {
        List<String> rule = new ArrayList<>();
        for (int width : widths) {
          rule.add("-".repeat(width));
        }
        text.append(line(rule, widths));
      }
    }
    return text.toString();
  }

  private static String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder("|");
    for (int i = 0; i < widths.length; i++) {
      line.append(' ').append(cells.get(i));
      line.append(" ".repeat(widths[i] - cells.get(i).length())).append(" |");
    }
    return line.append('\n').toString();
  }

  private List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("figure", "goal", targets));
    for (Scenario scenario : options.scenarios()) {
      if (scenario == Scenario.CONNS) {
        rows.add(
            row(
                scenario.title() + ", KB per connection",
                "≤ 15",
                cells(target -> spread(results.standing(target).connectionKb(), 1))));
        continue;
      }
      rows.add(
          row(
              scenario.title() + ", CPU " + scenario.cost().unit(),
              "≤ " + plain(scenario.goal(), digits(scenario)),
              cells(target ->
                  target.equals(Options.DIRECT)
                      ? ""
                      : spread(
                          results.of(scenario, target).stream()
                              .map(sample -> sample.cost(scenario.cost()))
                              .toList(),
                          digits(scenario)))));
      rows.add(throughput(scenario));
      if (scenario == Scenario.LATENCY) {
        rows.add(latency(scenario, "p50", Sample::p50Millis));
        rows.add(latency(scenario, "p99", Sample::p99Millis));
      }
    }
    rows.add(
        row(
            "start to first answer, ms",
            "≤ 900",
            cells(target -> spread(results.standing(target).startMillis(), 0))));
    rows.add(
        row(
            "… processor time until idle, ms",
            "",
            cells(target -> spread(results.standing(target).startCpuMillis(), 0))));
    rows.add(
        row(
            "resident, idle, MB",
            "≤ 96",
            cells(target -> spread(results.standing(target).idleMegabytes(), 0))));
    rows.add(
        row(
            "resident after load, MB",
            "≤ 160",
            cells(target -> {
              double most = results.largestMegabytes(target);
              return most == 0 ? "" : plain(most, 0);
            })));
    return rows;
  }

  private List<String> throughput(Scenario scenario) {
    boolean bytes = scenario.cost() == Scenario.Cost.PER_GIGABYTE;
    return row(
        "… throughput, " + (bytes ? "MB/s" : "records/s"),
        "",
        cells(target ->
            spread(
                results.of(scenario, target).stream()
                    .map(s -> bytes ? s.megabytesPerSecond() : s.recordsPerSecond())
                    .toList(),
                0)));
  }

  private List<String> latency(
      Scenario scenario, String name, java.util.function.ToDoubleFunction<Sample> figure) {
    return row(
        "… " + name + " from due to acknowledged, ms",
        name.equals("p50") ? "direct + 0.05" : "",
        cells(target ->
            spread(results.of(scenario, target).stream().map(figure::applyAsDouble).toList(), 2)));
  }

  private static int digits(Scenario scenario) {
    return scenario.cost() == Scenario.Cost.PER_GIGABYTE ? 2 : 1;
  }

  private List<String> cells(java.util.function.Function<String, String> cell) {
    return targets.stream().map(cell).toList();
  }

  private static List<String> row(String figure, String goal, List<String> cells) {
    List<String> row = new ArrayList<>(List.of(figure, goal));
    row.addAll(cells);
    return row;
  }

  private static String spread(List<Double> figures, int digits) {
    if (figures.isEmpty()) {
      return "";
    }
    Results.Spread spread = Results.Spread.of(figures);
    String median = plain(spread.median(), digits);
    return figures.size() == 1
        ? median
        : median
            + " ["
            + plain(spread.least(), digits)
            + "–"
            + plain(spread.greatest(), digits)
            + "]";
  }

  private static String plain(double figure, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", figure);
  }

  /** All samples as JSON. */
  String json() {
    String scenarios =
        options.scenarios().stream()
            .filter(scenario -> scenario != Scenario.CONNS)
            .map(scenario -> quote(scenario.toString()) + ":" + json(scenario))
            .collect(Collectors.joining(",\n  "));
    String standings =
        targets.stream()
            .map(target -> {
              Results.Standing s = results.standing(target);
              return "%s:{\"startMillis\":%s,\"startCpuMillis\":%s,\"idleMegabytes\":%s,\"connectionKilobytes\":%s}"
                  .formatted(
                      quote(target),
                      s.startMillis(),
                      s.startCpuMillis(),
                      s.idleMegabytes(),
                      s.connectionKb());
            })
            .collect(Collectors.joining(",\n  "));
    return "{\"rounds\":%d,\"seconds\":%d,\"warmUp\":%d,\n \"loads\":{\n  %s},\n \"relays\":{\n  %s}}\n"
        .formatted(options.rounds(), options.seconds(), options.warmUp(), scenarios, standings);
  }

  private String json(Scenario scenario) {
    return targets.stream()
        .map(target ->
            quote(target)
                + ":["
                + results.of(scenario, target).stream()
                    .map(sample -> json(scenario, sample))
                    .collect(Collectors.joining(","))
                + "]")
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String json(Scenario scenario, Sample s) {
    return String.format(
        Locale.ROOT,
        "{\"seconds\":%.3f,\"bytes\":%d,\"records\":%d,\"cpuSeconds\":%.2f,\"cost\":%.4f,"
            + "\"p50Millis\":%.3f,\"p99Millis\":%.3f,\"residentMegabytes\":%.1f}",
        s.seconds(),
        s.bytes(),
        s.records(),
        s.cpuSeconds(),
        s.cost(scenario.cost()),
        s.p50Millis(),
        s.p99Millis(),
        s.residentMegabytes());
  }

  private static String quote(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
