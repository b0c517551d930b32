package io.gatehouse.gateway.plan;

import io.gatehouse.wire.schema.Schemas;

/**
 * What is done with requests of one api and version, and with their responses. Chosen when a
 * request's head is here; stays with the request until it is answered, whatever plan holds then.
 *
 * @param apiKey negative for frames that are no requests of a client, see the constants
 */
public record Route(int apiKey, int version, RequestRule request, ResponseRule response) {

  /** A SASL token without a head, after SaslHandshake v0; its answer has no head either. */
  public static final Route RAW_TOKEN =
      new Route(-1, 0, RequestRule.RELAY, new ResponseRule.Headless());

  /** A request of the gateway itself; the client does not see its answer. */
  public static final Route OWN = new Route(-2, 0, RequestRule.RELAY, new ResponseRule.Own());

  /** A request of the gateway itself whose answer nobody needs. */
  public static final Route OWN_UNHEARD =
      new Route(-3, 0, RequestRule.RELAY, new ResponseRule.Dropped());

  /** Whether a client sent the request. */
  public boolean isOfClient() {
    return apiKey >= 0;
  }

  /** Whether the gateway itself sent the request: no client waits for the answer. */
  public boolean isOwn() {
    return apiKey <= OWN.apiKey;
  }

  /** The api's name and the version, for a log line. */
  public String name() {
    String name = Schemas.get().apiName(apiKey);
    return (name == null ? "api key " + apiKey : name) + " version " + version;
  }

  /** Why requests of an api or version that is not known may not pass, for a log line. */
  public String unknown() {
    return Schemas.get().apiName(apiKey) != null
        ? name() + " is not known"
        : "api key "
            + apiKey
            + " is unknown"
            + (apiKey < 0 ? "" : " (rules.unknownApis: relay would let it pass unseen)");
  }
}
