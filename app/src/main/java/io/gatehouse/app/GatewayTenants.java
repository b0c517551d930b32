package io.gatehouse.app;

import static java.util.Objects.requireNonNullElse;

import io.gatehouse.auth.User;
import io.gatehouse.control.AccountNames;
import io.gatehouse.control.kind.AliasTopic;
import io.gatehouse.control.kind.ClusterUsage;
import io.gatehouse.control.kind.ClusterUsage.Limit;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.VirtualCluster;
import io.gatehouse.control.store.Snapshot;
import io.gatehouse.control.store.Store;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.Tenancy;
import io.gatehouse.gateway.tenant.Aliases;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.Tenants;
import io.gatehouse.gateway.tenant.TopicRules;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The places of users by the virtual clusters of a store. */
final class GatewayTenants implements Tenants {

  private final Store store;
  private final Supplier<GatewaySettings> settings;

  /** By name. Replaced as a whole when virtual clusters or their aliases change. */
  private volatile Map<String, Tenant> tenants;

  /**
   * @param store has the virtual clusters, and the accounts by the names of certificates
   * @param settings those in force
   */
  GatewayTenants(Store store, Supplier<GatewaySettings> settings) {
    this.store = store;
    this.settings = settings;
    this.tenants = read(store.current());
  }

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
    if (cluster == null) {
      return new Place.Nowhere("the virtual cluster %s does not exist".formatted(name));
    }
    Tenant known = tenants.get(name);
    // A new virtual cluster gets its aliases within milliseconds.
    return new Place.Within(tenant(cluster, known == null ? Aliases.NONE : known.aliases()));
  }

  private static Tenant tenant(VirtualCluster cluster, Aliases aliases) {
    return new Tenant(cluster.name(), cluster.prefix(), newTopics(cluster.usage()), aliases);
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
   * Calls back now, and whenever the virtual clusters or their aliases have changed.
   *
   * @return ends the calls
   */
  Runnable onChange(Runnable renew) {
    Runnable end = store.snapshots().onChange(_ -> refresh(renew));
    // What has changed before the calls began.
    refresh(() -> {});
    renew.run();
    return end;
  }

  /** Reads the newest snapshot, so that an older one never replaces it. */
  private synchronized void refresh(Runnable renew) {
    Map<String, Tenant> next = read(store.current());
    if (!next.equals(tenants)) {
      tenants = next;
      renew.run();
    }
  }

  private static Map<String, Tenant> read(Snapshot now) {
    Map<String, List<AliasTopic>> aliases =
        now.all(AliasTopic.class).collect(Collectors.groupingBy(AliasTopic::virtualCluster));
    return now.all(VirtualCluster.class)
        .collect(
            Collectors.toMap(
                VirtualCluster::name,
                cluster ->
                    tenant(cluster, aliases(aliases.getOrDefault(cluster.name(), List.of())))));
  }

  private static Aliases aliases(List<AliasTopic> of) {
    Map<String, String> topics = new HashMap<>();
    Set<String> readOnly = new HashSet<>();
    for (AliasTopic alias : of) {
      topics.put(alias.id().name(), alias.physicalName());
      if (alias.readOnly()) {
        readOnly.add(alias.id().name());
      }
    }
    return new Aliases(topics, readOnly);
  }
}
