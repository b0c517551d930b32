package io.gatehouse.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A kind of load. Names on the command line are in lower case. */
enum Scenario {
  PRODUCE1K("produce, records of 1 KiB", Cost.PER_GIGABYTE, 0.70),
  PRODUCE100("produce, records of 100 B", Cost.PER_GIGABYTE, 0.72),
  CONSUME("consume, fetches of 4 MiB", Cost.PER_GIGABYTE, 0.50),
  CATCHUP("consume, fetches of 50 MiB", Cost.PER_GIGABYTE, 0.50),
  REQUESTS("one record per request", Cost.PER_THOUSAND, 36),
  LATENCY("500 records per second", Cost.PER_THOUSAND, 60),
  CONNS("2,000 idle connections", Cost.NONE, 0);

  /** The unit by which the relay's CPU time is divided. */
  enum Cost {
    PER_GIGABYTE("s/GB"),
    PER_THOUSAND("ms/1,000"),
    NONE("");

    private final String unit;

    Cost(String unit) {
      this.unit = unit;
    }

    String unit() {
      return unit;
    }
  }

  private static final int FETCH = 4 << 20;
  private static final int CATCH_UP_FETCH = 50 << 20;

  private static final Map<String, String> BATCHES =
      Map.of("batch.size", "65536", "linger.ms", "5");

  private final String title;
  private final Cost cost;
  private final double goal;

  Scenario(String title, Cost cost, double goal) {
    this.title = title;
    this.cost = cost;
    this.goal = goal;
  }

  static Scenario of(String name) {
    return Arrays.stream(values())
        .filter(scenario -> scenario.toString().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no scenario '"
                    + name
                    + "'; there are "
                    + Arrays.stream(values())
                        .map(Scenario::toString)
                        .collect(Collectors.joining(", "))));
  }

  String title() {
    return title;
  }

  Cost cost() {
    return cost;
  }

  /** The maximum cost that the gateway should have, in {@link Cost#unit}. */
  double goal() {
    return goal;
  }

  /** Starts the clients. */
  Load start(Target target, Topics topics) {
    return switch (this) {
      case PRODUCE1K ->
          ProduceLoad.start(target, topics.many(), new ProduceLoad.Shape(1024, 0, 0, BATCHES));
      case PRODUCE100 ->
          ProduceLoad.start(target, topics.many(), new ProduceLoad.Shape(100, 0, 0, BATCHES));
      case REQUESTS ->
          ProduceLoad.start(
              target,
              topics.one(),
              new ProduceLoad.Shape(1024, 0, 64, Map.of("batch.size", "1", "linger.ms", "0")));
      case LATENCY ->
          ProduceLoad.start(
              target, topics.one(), new ProduceLoad.Shape(1024, 500, 0, Map.of("linger.ms", "0")));
      case CONSUME -> ConsumeLoad.start(target, topics.filled(), FETCH);
      case CATCHUP -> ConsumeLoad.start(target, topics.filled(), CATCH_UP_FETCH);
      case CONNS -> throw new IllegalArgumentException("idle connections are no load");
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
