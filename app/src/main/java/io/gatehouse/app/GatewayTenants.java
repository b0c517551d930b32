package io.gatehouse.app;

import static java.util.Objects.requireNonNullElse;

import io.gatehouse.auth.User;
import io.gatehouse.control.AccountNames;
import io.gatehouse.control.kind.ClusterUsage;
import io.gatehouse.control.kind.ClusterUsage.Limit;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.VirtualCluster;
import io.gatehouse.control.store.Snapshot;
import io.gatehouse.control.store.Store;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.Tenancy;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.Tenants;
import io.gatehouse.gateway.tenant.TopicRules;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The places of users by the virtual clusters of a store.
 *
 * @param store has the virtual clusters, and the accounts by the names of certificates
 * @param settings those in force
 */
record GatewayTenants(Store store, Supplier<GatewaySettings> settings) implements Tenants {

  @Override
  public Place of(User user, String listener) {
    Tenancy tenancy = settings.get().tenancy();
    String own = user.tenant();
    String atListener = tenancy.byListener().get(listener);
    if (own != null && !own.equals(Key.PASSTHROUGH)) {
      return atListener == null || atListener.equals(own)
          ? within(own)
          : new Place.Nowhere(
              "the user belongs to the virtual cluster %s, and the listener %s is for %s"
                  .formatted(own, listener, atListener));
    }
    if (atListener != null) {
      return atListener.equals(Key.PASSTHROUGH) ? Place.PASSTHROUGH : within(atListener);
    }
    return tenancy.required()
        ? new Place.Nowhere(
            "the user belongs to no virtual cluster, and the gateway requires one"
                + " (virtualClusters.required)")
        : Place.PASSTHROUGH;
  }

  @Override
  public Known known(User external) {
    AccountNames.Known known = new AccountNames(store).find(external, null);
    return new Known(known.user(), known.check());
  }

  private Place within(String name) {
    VirtualCluster cluster =
        store.current().get(Key.of(Kind.VIRTUAL_CLUSTER, name), VirtualCluster.class);
    return cluster == null
        ? new Place.Nowhere("the virtual cluster %s does not exist".formatted(name))
        : new Place.Within(new Tenant(name, cluster.prefix(), newTopics(cluster.usage())));
  }

  private static TopicRules newTopics(ClusterUsage usage) {
    ClusterUsage.Defaults defaults = usage.defaults();
    return new TopicRules(
        usage.autoCreate(),
        new TopicRules.Defaults(
            requireNonNullElse(defaults.partitions(), TopicRules.UNSET),
            requireNonNullElse(defaults.replicationFactor(), TopicRules.UNSET),
            defaults.configs()),
        new TopicRules.Limits(
            limit(usage, Limit.TOPICS),
            limit(usage, Limit.PARTITIONS),
            limit(usage, Limit.PARTITIONS_PER_TOPIC)));
  }

  private static int limit(ClusterUsage usage, Limit which) {
    Long limit = usage.limit(which);
    return limit == null ? Integer.MAX_VALUE : limit.intValue();
  }

  /**
   * Calls back now, and whenever the virtual clusters have changed.
   *
   * @return ends the calls
   */
  Runnable onChange(Runnable renew) {
    Runnable end = store.snapshots().onChange(new Changes(clusters(store.current()), renew));
    // What has changed before the calls began.
    renew.run();
    return end;
  }

  private static List<VirtualCluster> clusters(Snapshot snapshot) {
    return snapshot.all(VirtualCluster.class).toList();
  }

  /** Compares each snapshot with the one before. Only one thread at a time publishes snapshots. */
  private static final class Changes implements Consumer<Snapshot> {

    private final Runnable renew;
    private volatile List<VirtualCluster> known;

    Changes(List<VirtualCluster> known, Runnable renew) {
      this.known = known;
      this.renew = renew;
    }

    @Override
    public void accept(Snapshot next) {
      List<VirtualCluster> now = clusters(next);
      if (!now.equals(known)) {
        known = now;
        renew.run();
      }
    }
  }
}
