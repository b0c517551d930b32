package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.settings.ApiRules;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The plans under one set of rules, made when first asked for. Safe for use by many threads. */
public final class Plans {

  private final ApiRules rules;
  private final Steps steps;
  private final Map<Plan.Scope, Plan> byScope = new ConcurrentHashMap<>();

  public Plans(ApiRules rules, Steps steps) {
    this.rules = rules;
    this.steps = steps;
  }

  /** The plan for clients that have this in common. */
  public Plan of(Plan.Scope scope) {
    Plan known = byScope.get(scope);
    return known != null
        ? known
        : byScope.computeIfAbsent(scope, one -> new Plan(rules, one, steps));
  }
}
