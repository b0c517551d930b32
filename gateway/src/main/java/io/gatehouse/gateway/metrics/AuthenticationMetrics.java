package io.gatehouse.gateway.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts results of client authentications. All labels come from the configuration and enums. */
public final class AuthenticationMetrics {

  /** The labels of a counter. */
  public record Key(String listener, String mechanism, String result) {}

  public static final String SUCCESS = "success";

  /** Result of a session that ended because the client's credentials were revoked. */
  public static final String REVOKED = "revoked";

  private final Map<Key, LongAdder> counts = new ConcurrentHashMap<>();

  /** Counts an authentication with its result. Any thread. */
  public void ended(String listener, String mechanism, String result) {
    counts.computeIfAbsent(new Key(listener, mechanism, result), k -> new LongAdder()).increment();
  }

  public Map<Key, LongAdder> counts() {
    return Map.copyOf(counts);
  }
}
