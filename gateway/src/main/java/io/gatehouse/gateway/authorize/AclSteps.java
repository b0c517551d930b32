package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.gateway.plan.ResponseStep;
import io.gatehouse.gateway.plan.Steps;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests for access rules be answered for clients with such rules. All other requests are
 * left to other steps.
 */
public record AclSteps(Steps others) implements Steps {

  @Override
  public Steps of(Caller caller) {
    Steps own = others.of(caller);
    return caller.access() == null ? own : new AclSteps(own);
  }

  @Override
  public @Nullable RequestStep request(int apiKey, int version) {
    RequestStep step = AclRequests.step(apiKey);
    return step == null ? others.request(apiKey, version) : step;
  }

  @Override
  public @Nullable ResponseStep response(int apiKey, int version) {
    return others.response(apiKey, version);
  }
}
