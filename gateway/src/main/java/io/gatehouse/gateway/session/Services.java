package io.gatehouse.gateway.session;

import io.gatehouse.gateway.metrics.AuthenticationMetrics;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.settings.Limits;
import io.gatehouse.gateway.settings.LoginLimits;
import io.gatehouse.gateway.settings.Timeouts;

/** What all sessions of a gateway share. */
public record Services(Plan plan, Limits limits, Timeouts timeouts, Shared shared) {

  /** What sessions count together. */
  public record Shared(
      ConnectionLimits connections,
      Budget incomplete,
      LogLimiter log,
      AuthenticationGate gate,
      AuthenticationMetrics authentications) {
    public static Shared of(Limits limits, LoginLimits logins) {
      return new Shared(
          new ConnectionLimits(limits),
          new Budget(limits.incompleteBytes()),
          new LogLimiter(),
          new AuthenticationGate(logins),
          new AuthenticationMetrics());
    }
  }
}
