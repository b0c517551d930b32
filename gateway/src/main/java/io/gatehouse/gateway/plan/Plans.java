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
  private final Map<Key, Plan> shared;

  private record Key(Plan.Scope scope, Steps steps) {}

  /**
   * @param maxFrameBytes maximum size of a request, without the four bytes of its length
   */
  public Plans(ApiRules rules, int maxFrameBytes, Steps steps) {
    this(rules, maxFrameBytes, steps, new ConcurrentHashMap<>());
  }

  private Plans(ApiRules rules, int maxFrameBytes, Steps steps, Map<Key, Plan> shared) {
    this.shared = shared;
    this.rules = rules;
    this.maxFrameBytes = maxFrameBytes;
    this.steps = steps;
  }

  /**
   * The same plans for callers whose scope has changed. Plans that nobody needs any more are kept
   * until there are many.
   */
  public Plans renewed() {
    boolean many = shared.size() > MAX_SHARED / 2;
    return new Plans(rules, maxFrameBytes, steps, many ? new ConcurrentHashMap<>() : shared);
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
