package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.AuthenticationMetrics;
import io.gatehouse.gateway.net.Budget;
import io.gatehouse.gateway.plan.Plans;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.sasl.AuthenticationGate;
import io.gatehouse.gateway.settings.GatewaySettings.Traffic;
import io.gatehouse.gateway.settings.Limits;
import io.gatehouse.gateway.settings.Timeouts;
import io.gatehouse.gateway.tap.Taps;

/**
 * What all sessions of a gateway share. Settings are those in force when they are asked for: a
 * session asks for each request anew.
 */
public final class Services {

  private final Steps steps;
  private final Shared shared;
  private volatile Current current;

  /** Is replaced as a whole, so that a request finds what belongs together. */
  private record Current(Traffic traffic, Plans plans) {}

  /**
   * @param memory bytes that are held, of requests and of responses
   * @param steps what decides upon requests and responses beside the rules
   */
  public Services(Traffic traffic, Budget memory, Steps steps) {
    this.steps = steps;
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

  /** What holds from the next request on. */
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

  private Plans plans(Traffic traffic) {
    return new Plans(traffic.rules(), traffic.limits().frameBytes(), steps);
  }

  public Plans plans() {
    return current.plans;
  }

  public Limits limits() {
    return current.traffic.limits();
  }

  public Timeouts timeouts() {
    return current.traffic.timeouts();
  }

  public Shared shared() {
    return shared;
  }

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
      Audit audit,
      Taps taps) {}
}
