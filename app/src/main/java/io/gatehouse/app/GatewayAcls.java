package io.gatehouse.app;

import io.gatehouse.control.Administration;
import io.gatehouse.control.kind.AccessRules;
import io.gatehouse.control.kind.Acl;
import io.gatehouse.control.kind.AliasTopic;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.VirtualCluster;
import io.gatehouse.control.kind.VirtualCluster.AclMode;
import io.gatehouse.control.store.Memberships;
import io.gatehouse.control.store.Snapshot;
import io.gatehouse.control.store.Store;
import io.gatehouse.gateway.acl.AclRules;
import io.gatehouse.gateway.acl.Acls;
import io.gatehouse.gateway.acl.Principal;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.Tenancy;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The access rules and groups in a store. The index over those of a virtual cluster is made when
 * they change, on the thread that brings the change.
 */
final class GatewayAcls implements Acls {

  private static final String USER = "User:";

  private final Store store;
  private final Supplier<Administration> administration;
  private final Supplier<GatewaySettings> settings;
  private volatile Runnable renew = () -> {};

  /** By virtual cluster, also {@link Key#PASSTHROUGH}. Replaced as a whole. */
  private volatile Map<String, Known> known = Map.of();

  private volatile @Nullable Passthrough passthrough;
  private volatile Memberships memberships = new Memberships(List.of());

  /**
   * The rules of a virtual cluster.
   *
   * @param of what they were made of, which is compared to notice changes
   */
  private record Known(Source of, Access access) {}

  /**
   * What rules are made of.
   *
   * @param parts the rules that clients have made
   */
  private record Source(VirtualCluster.Access access, List<AccessRules> parts) {}

  /** The rules in a store for the super users of the settings. */
  private record Passthrough(AclRules stored, Set<String> superUsers, Access access) {}

  /**
   * @param administration changes the rules
   * @param settings those in force
   */
  GatewayAcls(
      Store store, Supplier<Administration> administration, Supplier<GatewaySettings> settings) {
    this.store = store;
    this.administration = administration;
    this.settings = settings;
    refresh();
  }

  @Override
  public @Nullable Access of(@Nullable String tenant) {
    if (tenant == null) {
      return ofPassthrough();
    }
    VirtualCluster cluster =
        store.current().get(Key.of(Kind.VIRTUAL_CLUSTER, tenant), VirtualCluster.class);
    if (cluster != null && !cluster.access().enabled()) {
      return null;
    }
    Known one = cluster == null ? null : known.get(tenant);
    // A new virtual cluster allows nothing until its rules are known, within milliseconds, and one
    // that was deleted nothing any more.
    return one == null ? new Access(AclRules.NONE, null) : one.access;
  }

  @Override
  public Set<String> groups(@Nullable String tenant, String user, Set<String> externalGroups) {
    return memberships.of(tenant, user, externalGroups);
  }

  @Override
  public Set<String> readOnly(@Nullable String tenant) {
    return store
        .current()
        .all(AliasTopic.class)
        .filter(alias -> alias.readOnly() && alias.virtualCluster().equals(tenant))
        .map(alias -> alias.id().name())
        .collect(Collectors.toSet());
  }

  private @Nullable Access ofPassthrough() {
    Tenancy.PassthroughAccess wanted = settings.get().tenancy().passthrough();
    if (!wanted.aclEnabled()) {
      return null;
    }
    Access stored = Objects.requireNonNull(known.get(Key.PASSTHROUGH)).access;
    Passthrough last = passthrough;
    if (last == null
        || !last.stored.equals(stored.rules())
        || !last.superUsers.equals(wanted.superUsers())) {
      AclRules rules = stored.rules().with(settings(wanted.superUsers()));
      last =
          new Passthrough(stored.rules(), wanted.superUsers(), new Access(rules, stored.store()));
      passthrough = last;
    }
    return last.access;
  }

  /**
   * Calls back now, and whenever rules or groups have changed.
   *
   * @return ends the calls
   */
  Runnable onChange(Runnable callback) {
    renew = callback;
    Runnable end = store.snapshots().onChange(_ -> refresh());
    refresh();
    callback.run();
    return end;
  }

  /** Reads the rules and groups from the store. When this returns, they are in force. */
  synchronized void refresh() {
    Snapshot now = store.current();
    Map<String, List<AccessRules>> parts =
        now.all(AccessRules.class).collect(Collectors.groupingBy(AccessRules::virtualCluster));
    Map<String, Known> next = new HashMap<>();
    VirtualCluster.Access byKafka =
        new VirtualCluster.Access(true, AclMode.KAFKA_API, List.of(), List.of());
    next.put(Key.PASSTHROUGH, read(Key.PASSTHROUGH, byKafka, parts));
    now.all(VirtualCluster.class)
        .filter(cluster -> cluster.access().enabled())
        .forEach(
            cluster -> next.put(cluster.name(), read(cluster.name(), cluster.access(), parts)));
    boolean regrouped = !memberships.areOf(now.all(Group.class).toList());
    if (regrouped) {
      memberships = now.memberships();
    }
    if (regrouped || !next.equals(known)) {
      known = next;
      renew.run();
    }
  }

  private Known read(
      String cluster, VirtualCluster.Access access, Map<String, List<AccessRules>> parts) {
    Source source = new Source(access, parts.getOrDefault(cluster, List.of()));
    Known last = known.get(cluster);
    if (last != null && last.of.equals(source)) {
      return last;
    }
    List<Acl> rules =
        access.mode() == AclMode.REST_API
            ? access.acls()
            : source.parts.stream().flatMap(part -> part.rules().stream()).toList();
    AclRules index =
        new AclRules(
            rules.stream().map(StoredAcls::binding).toList(), settings(access.superUsers()));
    StoredAcls changed =
        access.mode() == AclMode.REST_API ? null : new StoredAcls(this, administration, cluster);
    return new Known(source, new Access(index, changed));
  }

  /** The names may be those of principals, as in Kafka's {@code super.users}. */
  private static AclRules.Settings settings(Collection<String> superUsers) {
    return new AclRules.Settings(
        superUsers.stream()
            .map(name -> name.startsWith(USER) ? name.substring(USER.length()) : name)
            .map(Principal::user)
            .collect(Collectors.toSet()),
        /* allowIfNoRules= */ false);
  }
}
