package io.gatehouse.gateway.settings;

import java.util.ArrayList;
import java.util.List;

/**
 * Which ports brokers get, in the order of their node ids: the first pair is the lowest id's.
 *
 * @param pairs the ports, as far as they are listed
 * @param open whether ports go on, one by one, behind the last pair as brokers need them
 */
public record PortPlan(List<Pair> pairs, boolean open) {

  /**
   * @param advertised what clients are told
   * @param local what is listened on
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

  /** Ports from {@code start} on, as many as there are brokers. */
  public static PortPlan from(int start) {
    return new PortPlan(List.of(new Pair(start, start)), true);
  }

  /** Exactly {@code count} ports from {@code start} on. */
  public static PortPlan range(int start, int count) {
    if (count < 1) {
      throw new IllegalArgumentException("the number of ports is " + count);
    }
    if (start + count - 1 > 65535) {
      throw new IllegalArgumentException(
          count + " ports from " + start + " on reach past port 65535");
    }
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(new Pair(start + i, start + i));
    }
    return new PortPlan(pairs, false);
  }

  /**
   * The ports for the broker at {@code index} (node id less the lowest node id).
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
