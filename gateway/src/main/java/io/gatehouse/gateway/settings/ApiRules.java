package io.gatehouse.gateway.settings;

import java.util.Set;

/**
 * What clients may not ask of the cluster.
 *
 * @param forbidden api keys that are answered with CLUSTER_AUTHORIZATION_FAILED (or the nearest
 *     error of the api) and left out of ApiVersions
 * @param acksZeroForbidden whether a produce request with acks=0 ends its connection: it asks for
 *     no answer, so there is none to carry an error
 */
public record ApiRules(Set<Integer> forbidden, boolean acksZeroForbidden) {

  public static final ApiRules NONE = new ApiRules(Set.of(), false);

  public ApiRules {
    forbidden = Set.copyOf(forbidden);
    if (forbidden.contains(18)) {
      throw new IllegalArgumentException(
          "api key 18 (ApiVersions) cannot be forbidden: no client would connect");
    }
  }
}
