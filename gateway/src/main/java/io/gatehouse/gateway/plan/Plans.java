package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.settings.ApiRules;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The plans of one configuration, created on first use. Thread-safe. */
public final class Plans {

  /** Maximum number of cached plans; each takes a few KiB. Beyond, a session gets its own plan. */
  private static final int MAX_SHARED = 10_000;

  private final ApiRules rules;
  private final int maxFrameBytes;
  private final Steps steps;
  private final Map<Key, Plan> shared = new ConcurrentHashMap<>();

  private record Key(Plan.Scope scope, Steps steps) {}

  /**
   * @param maxFrameBytes maximum size of a request, without the four bytes of its length
   */
  public Plans(ApiRules rules, int maxFrameBytes, Steps steps) {
    this.rules = rules;
    this.maxFrameBytes = maxFrameBytes;
    this.steps = steps;
  }

  /** The plan for a caller, shared by all callers of the same scope with equal steps. */
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
