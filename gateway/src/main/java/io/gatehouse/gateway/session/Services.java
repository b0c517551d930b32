package io.gatehouse.gateway.session;

import io.gatehouse.gateway.net.Dialer;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.settings.Limits;
import io.gatehouse.gateway.settings.Timeouts;

/** What all sessions of a gateway share. */
public record Services(Plan plan, Dialer dialer, Limits limits, Timeouts timeouts, Shared shared) {

  /** What sessions count together. */
  public record Shared(ConnectionLimits connections, Budget incomplete, LogLimiter log) {
    public static Shared of(Limits limits) {
      return new Shared(
          new ConnectionLimits(limits), new Budget(limits.incompleteBytes()), new LogLimiter());
    }
  }
}
