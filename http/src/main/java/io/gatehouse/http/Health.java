package io.gatehouse.http;

import java.util.List;
import java.util.Map;

/**
 * The health of the gateway. Called for every health check by several threads, so it only reads
 * state.
 */
@FunctionalInterface
public interface Health {
  /** The current state of all checks. */
  List<Check> checks();

  /** Whether the process works ({@code /health/live}). Never depends on Kafka. */
  default boolean live() {
    return checks().stream().allMatch(check -> check.up() || check.concern() != Concern.LIVE);
  }

  /** Whether the gateway accepts new clients ({@code /health/ready}). False while draining. */
  default boolean ready() {
    return checks().stream().allMatch(check -> check.up() || check.concern() == Concern.INFORM);
  }

  /** The consequence of a check that is down. */
  enum Concern {
    /** The process should be restarted. */
    LIVE,
    /** New clients should not be sent to this gateway. */
    READY,
    /** Informational: {@code /health} shows it, but still responds with 200. */
    INFORM
  }

  /**
   * One check.
   *
   * @param name a short and stable name that alerts can use
   * @param concern the consequence if it is down
   * @param up whether the check is up
   * @param data details; if the check is down, {@code reason} explains why
   */
  record Check(String name, Concern concern, boolean up, Map<String, String> data) {
    public Check {
      data = Map.copyOf(data);
    }

    /** A check that is up. */
    public static Check up(String name, Concern concern) {
      return new Check(name, concern, true, Map.of());
    }

    /** A check that is down, with the reason. */
    public static Check down(String name, Concern concern, String reason) {
      return new Check(name, concern, false, Map.of("reason", reason));
    }
  }
}
