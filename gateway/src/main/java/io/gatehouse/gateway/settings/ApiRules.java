package io.gatehouse.gateway.settings;

import java.util.Set;

/**
 * The requests that clients may not send.
 *
 * @param forbidden API keys that are answered with CLUSTER_AUTHORIZATION_FAILED (or the nearest
 *     error of the API) and left out of ApiVersions responses
 * @param acksZeroForbidden whether a Produce request with acks=0 closes the connection; it has no
 *     response that could carry an error
 * @param unknown how to handle APIs that the protocol definitions do not include
 */
public record ApiRules(Set<Integer> forbidden, boolean acksZeroForbidden, Unknown unknown) {

  public static final ApiRules NONE = new ApiRules(Set.of(), false, Unknown.REFUSE);

  /** How to handle APIs of a vendor or a later Kafka release. */
  public enum Unknown {
    /**
     * Leave them out of ApiVersions; a request closes the connection, as at a broker without them.
     */
    REFUSE,
    /** Relay them without inspection, including any broker addresses in them. */
    RELAY
  }

  public ApiRules {
    forbidden = Set.copyOf(forbidden);
    if (forbidden.contains(18)) {
      throw new IllegalArgumentException(
          "api key 18 (ApiVersions) cannot be forbidden: no client would connect");
    }
  }
}
