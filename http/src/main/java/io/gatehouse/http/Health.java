package io.gatehouse.http;

import java.util.List;
import java.util.Map;

/**
 * How the gateway is. Asked on every probe, from many threads at once, so it reads state and does
 * no work.
 */
@FunctionalInterface
public interface Health {
  /** All checks as they stand now. */
  List<Check> checks();

  /** Whether the process should be left running ({@code /health/live}); never depends on Kafka. */
  default boolean live() {
    return checks().stream().allMatch(check -> check.up() || check.concern() != Concern.LIVE);
  }

  /** Whether clients should be sent here ({@code /health/ready}); false while draining. */
  default boolean ready() {
    return checks().stream().allMatch(check -> check.up() || check.concern() == Concern.INFORM);
  }

  /** What follows from a check that is down. */
  enum Concern {
    /** The process should be restarted. */
    LIVE,
    /** No client should be sent here for now. */
    READY,
    /** Somebody should know: {@code /health} tells of it, and answers 200 as before. */
    INFORM
  }

  /**
   * One check.
   *
   * @param name short, stable, for alerts to match on
   * @param concern what follows when it is down
   * @param up how it stands
   * @param data details; when down, {@code reason} says why in a sentence
   */
  record Check(String name, Concern concern, boolean up, Map<String, String> data) {
    public Check {
      data = Map.copyOf(data);
    }

    /** A check that is up. */
    public static Check up(String name, Concern concern) {
      return new Check(name, concern, true, Map.of());
    }

    /** A check that is down, and why. */
    public static Check down(String name, Concern concern, String reason) {
      return new Check(name, concern, false, Map.of("reason", reason));
    }
  }
}
