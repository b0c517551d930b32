package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.acl.Acls;
import io.gatehouse.gateway.metrics.AuthenticationMetrics;
import io.gatehouse.gateway.net.Budget;
import io.gatehouse.gateway.nodes.Nodes;
import io.gatehouse.gateway.plan.Plans;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.sasl.AuthenticationGate;
import io.gatehouse.gateway.settings.GatewaySettings.Traffic;
import io.gatehouse.gateway.settings.Limits;
import io.gatehouse.gateway.settings.Timeouts;
import io.gatehouse.gateway.tap.Taps;
import io.gatehouse.gateway.tenant.Tenants;

/**
 * State that all sessions of a gateway share. Settings are read for each request, so changed
 * settings apply from the next request on. Thread-safe.
 */
public final class Services {

  private final Steps steps;
  private final Tenants tenants;
  private final Acls acls;
  private final Shared shared;
  private volatile Current current;
  private volatile Nodes nodes = Nodes.NONE;

  /** Replaced as a whole, so that settings and plans always match. */
  private record Current(Traffic traffic, Plans plans) {}

  /**
   * @param memory budget of the bytes of requests and responses held across events
   * @param steps decisions about requests and responses in addition to the rules
   * @param tenants where the users of clients belong
   * @param acls what clients may do
   */
  public Services(Traffic traffic, Budget memory, Steps steps, Tenants tenants, Acls acls) {
    this.steps = steps;
    this.tenants = tenants;
    this.acls = acls;
    this.current = new Current(traffic, plans(traffic));
    AuthenticationMetrics authentications = new AuthenticationMetrics();
    this.shared =
        new Shared(
            new ConnectionLimits(traffic.limits()),
            new Budget(traffic.limits().incompleteBytes()),
            memory,
            new LogLimiter(),
            new AuthenticationGate(traffic.logins()),
            authentications,
            new Audit(authentications),
            new Taps());
  }

  /** Applies new settings from the next request on. */
  public void apply(Traffic traffic) {
    Current before = current;
    Plans plans =
        traffic.rules().equals(before.traffic.rules())
                && traffic.limits().frameBytes() == before.traffic.limits().frameBytes()
            ? before.plans
            : plans(traffic);
    current = new Current(traffic, plans);
    shared.connections.apply(traffic.limits());
    shared.incomplete.setLimit(traffic.limits().incompleteBytes());
    shared.gate.apply(traffic.logins());
  }

  /** Lets sessions choose their plan anew at their next request. */
  public void renewPlans() {
    Current now = current;
    current = new Current(now.traffic, now.plans.renewed());
  }

  /** Balances clients over these nodes from the next response on. */
  public void apply(Nodes others) {
    nodes = others;
  }

  /** The gateway nodes that clients are balanced over. */
  public Nodes nodes() {
    return nodes;
  }

  private Plans plans(Traffic traffic) {
    return new Plans(traffic.rules(), traffic.limits().frameBytes(), steps);
  }

  /** Where the users of clients belong. */
  public Tenants tenants() {
    return tenants;
  }

  /** What clients may do. */
  public Acls acls() {
    return acls;
  }

  /** The plans of the current settings. */
  public Plans plans() {
    return current.plans;
  }

  /** The current limits. */
  public Limits limits() {
    return current.traffic.limits();
  }

  /** The current timeouts. */
  public Timeouts timeouts() {
    return current.traffic.timeouts();
  }

  /** The counters, budgets and logs that all sessions share. */
  public Shared shared() {
    return shared;
  }

  /**
   * Counters and limits of all sessions together.
   *
   * @param incomplete budget of the announced sizes of incomplete large requests
   * @param memory budget of the bytes of requests and responses held across events
   */
  public record Shared(
      ConnectionLimits connections,
      Budget incomplete,
      Budget memory,
      LogLimiter log,
      AuthenticationGate gate,
      AuthenticationMetrics authentications,
      Audit audit,
      Taps taps) {}
}
