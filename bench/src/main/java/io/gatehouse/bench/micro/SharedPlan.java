package io.gatehouse.bench.micro;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.Plans;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.settings.ApiRules;

/** The plan of a gateway without rules, whose clients authenticate at the broker. */
final class SharedPlan {

  private SharedPlan() {}

  static Plan get() {
    return new Plans(ApiRules.NONE, Integer.MAX_VALUE, Steps.NONE)
        .of(
            new Plan.Scope(Plan.Sasl.PASSED, true, null),
            new Caller(User.named("alice"), "PLAIN", "default"));
  }
}
