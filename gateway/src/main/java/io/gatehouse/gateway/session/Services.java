package io.gatehouse.gateway.session;

import io.gatehouse.gateway.metrics.AuthenticationMetrics;
import io.gatehouse.gateway.net.Budget;
import io.gatehouse.gateway.plan.Plans;
import io.gatehouse.gateway.settings.Limits;
import io.gatehouse.gateway.settings.LoginLimits;
import io.gatehouse.gateway.settings.Timeouts;

/** What all sessions of a gateway share. */
public record Services(Plans plans, Limits limits, Timeouts timeouts, Shared shared) {

  /**
   * What sessions count together.
   *
   * @param incomplete bytes of requests that were announced to brokers and have not all come
   * @param memory bytes that are held, of requests and of responses
   */
  public record Shared(
      ConnectionLimits connections,
      Budget incomplete,
      Budget memory,
      LogLimiter log,
      AuthenticationGate gate,
      AuthenticationMetrics authentications,
      Audit audit) {
    public static Shared of(Limits limits, Budget memory, LoginLimits logins) {
      AuthenticationMetrics authentications = new AuthenticationMetrics();
      return new Shared(
          new ConnectionLimits(limits),
          new Budget(limits.incompleteBytes()),
          memory,
          new LogLimiter(),
          new AuthenticationGate(logins),
          authentications,
          new Audit(authentications));
    }
  }
}
