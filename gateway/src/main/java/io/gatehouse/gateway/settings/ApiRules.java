package io.gatehouse.gateway.settings;

import java.util.Set;

/**
 * Which requests clients may not send, and who may send some that are for few.
 *
 * @param forbidden API keys that are answered with CLUSTER_AUTHORIZATION_FAILED (or the nearest
 *     error of the API) and left out of ApiVersions responses
 * @param acksZeroForbidden whether a Produce request with acks=0 closes the connection; it has no
 *     response that could carry an error
 * @param unknown how to handle APIs that the protocol definitions do not include
 * @param credentialAdmins the service accounts that may change and list the SCRAM credentials that
 *     the gateway keeps
 */
public record ApiRules(
    Set<Integer> forbidden,
    boolean acksZeroForbidden,
    Unknown unknown,
    Set<String> credentialAdmins) {

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
    credentialAdmins = Set.copyOf(credentialAdmins);
    if (forbidden.contains(18)) {
      throw new IllegalArgumentException(
          "api key 18 (ApiVersions) cannot be forbidden: no client would connect");
    }
  }

  /** Rules by which nobody may change credentials. */
  public ApiRules(Set<Integer> forbidden, boolean acksZeroForbidden, Unknown unknown) {
    this(forbidden, acksZeroForbidden, unknown, Set.of());
  }
}
