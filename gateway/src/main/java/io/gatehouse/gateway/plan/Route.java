package io.gatehouse.gateway.plan;

import io.gatehouse.wire.schema.Schemas;
import org.jspecify.annotations.Nullable;

/**
 * The rules for requests of one API and version and for their responses. Found when the header of a
 * request has arrived, and kept until its response is complete, even if the plan changes.
 *
 * @param apiKey negative for frames that are not requests of a client; see the constants
 */
public record Route(int apiKey, int version, RequestRule request, ResponseRule response) {

  /**
   * A SASL token without request header, after SaslHandshake v0; its answer has no header either.
   */
  public static final Route RAW_TOKEN =
      new Route(-1, 0, RequestRule.RELAY, new ResponseRule.RawToken());

  /** A request of the gateway itself; the client does not receive its response. */
  public static final Route GATEWAY_REQUEST =
      new Route(-2, 0, RequestRule.RELAY, new ResponseRule.ToGateway());

  /** A request of the gateway itself whose response is discarded. */
  public static final Route GATEWAY_REQUEST_IGNORED =
      new Route(-3, 0, RequestRule.RELAY, new ResponseRule.Discard());

  /** The route with another rule for the response; null for the same. */
  public Route with(@Nullable ResponseRule other) {
    return other == null ? this : new Route(apiKey, version, request, other);
  }

  /** Whether a client sent the request, as a request with header. */
  public boolean isClientRequest() {
    return apiKey >= 0;
  }

  /** Whether the gateway itself sent the request. */
  public boolean isGatewayRequest() {
    return apiKey <= GATEWAY_REQUEST.apiKey;
  }

  /** Name of the API and version, for log lines. */
  public String name() {
    String name = Schemas.get().apiName(apiKey);
    return (name == null ? "api key " + apiKey : name) + " version " + version;
  }

  /** Why a request of an unknown API or version is not forwarded, for log lines. */
  public String unsupportedReason() {
    return Schemas.get().apiName(apiKey) != null
        ? name() + " is unknown"
        : "api key "
            + apiKey
            + " is unknown"
            + (apiKey < 0 ? "" : " (rules.unknownApis: relay forwards it without inspection)");
  }
}
