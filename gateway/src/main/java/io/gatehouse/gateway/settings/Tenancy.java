package io.gatehouse.gateway.settings;

import java.util.Map;
import java.util.Set;

/**
 * How clients come into virtual clusters.
 *
 * @param required whether clients without a virtual cluster are refused
 * @param separator comes after the name of a virtual cluster in the prefix of its topics, where its
 *     creator has not chosen another prefix
 * @param byListener the virtual clusters, by the name of a listener, of all its clients that do not
 *     belong to another one
 * @param passthrough what clients without a virtual cluster may do
 */
public record Tenancy(
    boolean required,
    String separator,
    Map<String, String> byListener,
    PassthroughAccess passthrough) {

  /** Names the cluster as it is, which is no virtual cluster. */
  public static final String PASSTHROUGH = "passthrough";

  /** Clients need no virtual cluster. */
  public static final Tenancy OPTIONAL = new Tenancy(false, "", Map.of());

  public Tenancy {
    byListener = Map.copyOf(byListener);
  }

  /** Where clients without a virtual cluster may do everything. */
  public Tenancy(boolean required, String separator, Map<String, String> byListener) {
    this(required, separator, byListener, PassthroughAccess.UNLIMITED);
  }

  /**
   * What clients without a virtual cluster may do.
   *
   * @param aclEnabled whether they may do only what access rules allow
   * @param superUsers the names of users who may do everything
   */
  public record PassthroughAccess(boolean aclEnabled, Set<String> superUsers) {
    static final PassthroughAccess UNLIMITED = new PassthroughAccess(false, Set.of());

    public PassthroughAccess {
      superUsers = Set.copyOf(superUsers);
    }
  }
}
