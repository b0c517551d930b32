package io.gatehouse.gateway.settings;

import java.util.Map;

/**
 * How clients come into virtual clusters.
 *
 * @param required whether clients without a virtual cluster are refused
 * @param separator comes after the name of a virtual cluster in the prefix of its topics, where its
 *     creator has not chosen another prefix
 * @param byListener the virtual clusters, by the name of a listener, of all its clients that do not
 *     belong to another one
 */
public record Tenancy(boolean required, String separator, Map<String, String> byListener) {

  /** Names the cluster as it is, which is no virtual cluster. */
  public static final String PASSTHROUGH = "passthrough";

  /** Clients need no virtual cluster. */
  public static final Tenancy OPTIONAL = new Tenancy(false, "", Map.of());

  public Tenancy {
    byListener = Map.copyOf(byListener);
  }
}
