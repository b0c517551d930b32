package io.gatehouse.gateway.settings;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The ports of brokers in the order of their node ids; the first pair belongs to the lowest id.
 *
 * @param pairs the listed ports
 * @param open whether consecutive ports after the last pair are used for further brokers
 */
public record PortPlan(List<Pair> pairs, boolean open) {

  /**
   * A broker's ports.
   *
   * @param advertised the port that clients are told
   * @param local the port to listen on
   */
  public record Pair(int advertised, int local) {}

  public PortPlan {
    pairs = List.copyOf(pairs);
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("no port is given");
    }
    for (Pair pair : pairs) {
      check(pair.advertised);
      check(pair.local);
    }
    if (pairs.stream().map(Pair::local).distinct().count() < pairs.size()) {
      throw new IllegalArgumentException("a local port is given twice");
    }
    if (pairs.stream().map(Pair::advertised).distinct().count() < pairs.size()) {
      throw new IllegalArgumentException("an advertised port is given twice");
    }
  }

  /** Consecutive ports from {@code start}, as many as there are brokers. */
  public static PortPlan from(int start) {
    return new PortPlan(List.of(new Pair(start, start)), true);
  }

  /** The first {@code count} ports of this plan and no others. */
  public PortPlan limited(int count) {
    return new PortPlan(IntStream.range(0, count).mapToObj(this::at).toList(), false);
  }

  /**
   * The ports of the broker at {@code index}, its node id minus the lowest node id.
   *
   * @throws IllegalArgumentException if the plan holds none
   */
  public Pair at(int index) {
    if (index >= 0 && index < pairs.size()) {
      return pairs.get(index);
    }
    Pair last = pairs.getLast();
    int beyond = index - pairs.size() + 1;
    if (index < 0 || !open || last.local + beyond > 65535 || last.advertised + beyond > 65535) {
      throw new IllegalArgumentException("there is no port for index " + index);
    }
    return new Pair(last.advertised + beyond, last.local + beyond);
  }

  /** Whether the plan has ports for {@code index}, see {@link #at}. */
  public boolean covers(int index) {
    Pair last = pairs.getLast();
    int most = Math.max(last.local, last.advertised);
    return index >= 0
        && (index < pairs.size() || (open && (long) most + index - pairs.size() + 1 <= 65535));
  }

  private static void check(int port) {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
    }
  }
}
