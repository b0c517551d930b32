package io.gatehouse.gateway.settings;

import java.util.Set;

/**
 * What clients may not ask of the cluster.
 *
 * @param forbidden api keys that are answered with CLUSTER_AUTHORIZATION_FAILED (or the nearest
 *     error of the api) and left out of ApiVersions
 * @param acksZeroForbidden whether a produce request with acks=0 ends its connection: it asks for
 *     no answer, so there is none to carry an error
 * @param unknown what becomes of apis that the definitions do not know
 */
public record ApiRules(Set<Integer> forbidden, boolean acksZeroForbidden, Unknown unknown) {

  public static final ApiRules NONE = new ApiRules(Set.of(), false, Unknown.REFUSE);

  /** What becomes of apis that the definitions do not know, a vendor's own or a later release's. */
  public enum Unknown {
    /** They are not offered, and a request ends its connection, as at a broker that lacks them. */
    REFUSE,
    /** They pass unseen, with whatever addresses are in them. */
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
