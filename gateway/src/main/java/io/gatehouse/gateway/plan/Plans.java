package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.settings.ApiRules;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The plans of one configuration, made when first asked for. Safe for use by many threads. */
public final class Plans {

  /** A plan takes a few KiB. Callers beyond get one of their own for as long as their session. */
  private static final int MAX_SHARED = 10_000;

  private final ApiRules rules;
  private final int maxFrameBytes;
  private final Steps steps;
  private final Map<Key, Plan> shared = new ConcurrentHashMap<>();

  private record Key(Plan.Scope scope, Steps steps) {}

  /**
   * @param maxFrameBytes the limit of a request, without the four bytes of its length
   */
  public Plans(ApiRules rules, int maxFrameBytes, Steps steps) {
    this.rules = rules;
    this.maxFrameBytes = maxFrameBytes;
    this.steps = steps;
  }

  /** The plan for a caller: the same for all in this scope that have equal steps. */
  public Plan of(Plan.Scope scope, Caller caller) {
    Key key = new Key(scope, steps.of(caller));
    Plan known = shared.get(key);
    if (known != null) {
      return known;
    }
    return shared.size() < MAX_SHARED ? shared.computeIfAbsent(key, this::make) : make(key);
  }

  private Plan make(Key key) {
    return new Plan(rules, maxFrameBytes, key.scope, key.steps);
  }
}
