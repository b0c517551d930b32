package io.gatehouse.gateway.calls;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts calls from one class to another. */
public final class Calls {

  /** The event being handled, by the call that started it. */
  private static final Map<String, LongAdder> REQUEST = new ConcurrentHashMap<>();

  private static final Map<String, LongAdder> RESPONSE = new ConcurrentHashMap<>();
  private static volatile Map<String, LongAdder> current = REQUEST;

  private Calls() {}

  /** Called by the instrumented classes before a call. */
  public static void hit(String call) {
    if (call.startsWith("ClientHandler > ")) {
      current = REQUEST;
    } else if (call.startsWith("BrokerHandler > ")) {
      current = RESPONSE;
    }
    current.computeIfAbsent(call, _ -> new LongAdder()).increment();
  }

  static void reset() {
    REQUEST.clear();
    RESPONSE.clear();
  }

  /** Calls for a request on its way to the broker. */
  static Map<String, Double> perRequest(int requests) {
    return each(REQUEST, requests);
  }

  /** Calls for its response on the way back. */
  static Map<String, Double> perResponse(int requests) {
    return each(RESPONSE, requests);
  }

  /** The frequent calls, with their number per request. */
  private static Map<String, Double> each(Map<String, LongAdder> counts, int requests) {
    Map<String, Double> all = new TreeMap<>();
    counts.forEach((call, count) -> all.put(call, (double) count.sum() / requests));
    all.values().removeIf(count -> count < 0.9);
    return all;
  }
}
