package io.gatehouse.gateway.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts how clients' authentications ended. All labels come from configuration and enums. */
public final class AuthenticationMetrics {

  /** What is counted apart. */
  public record Key(String listener, String mechanism, String result) {}

  public static final String SUCCESS = "success";

  /** The session's end because what let the client in was taken back. */
  public static final String REVOKED = "revoked";

  private final Map<Key, LongAdder> counts = new ConcurrentHashMap<>();

  public void ended(String listener, String mechanism, String result) {
    counts.computeIfAbsent(new Key(listener, mechanism, result), k -> new LongAdder()).increment();
  }

  public Map<Key, LongAdder> counts() {
    return Map.copyOf(counts);
  }
}
