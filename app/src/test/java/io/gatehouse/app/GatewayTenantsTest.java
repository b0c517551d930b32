package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.config.BoundYaml;
import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.control.Administration;
import io.gatehouse.control.Logins;
import io.gatehouse.control.kind.AliasTopic;
import io.gatehouse.control.kind.ClusterUsage;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.VirtualCluster;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.Tenancy;
import io.gatehouse.gateway.tenant.Aliases;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.Tenants;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.gateway.tenant.TopicRules;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GatewayTenantsTest {

  private static final Place.Within TEAM = new Place.Within(new Tenant("team", "team-"));

  private static final GatewaySettings SETTINGS =
      BoundYaml.settings(
              """
              upstream: {bootstrapServers: "k1:9092"}
              listeners: [{authentication: {mechanisms: [{user: u, password: p}]}}]
              """)
          .gateway();

  private final Pool pool = new Pool();
  private Tenancy tenancy = Tenancy.OPTIONAL;
  private Administration resources;
  private GatewayTenants tenants;

  @BeforeEach
  void setUp() throws Exception {
    Store store = pool.leases().get(new StoreSettings.Memory());
    resources =
        new Administration(
            store,
            new Logins() {
              @Override
              public @Nullable Secret tokenKey() {
                return null;
              }

              @Override
              public boolean take(ServiceAccount.Type type) {
                return true;
              }
            });
    tenants = new GatewayTenants(store, () -> SETTINGS.with(tenancy));
    put("team", "team-");
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private void put(String name, String prefix) throws Exception {
    put(name, prefix, ClusterUsage.UNLIMITED);
  }

  private void put(String name, String prefix, ClusterUsage usage) throws Exception {
    resources.put(
        new VirtualCluster(
            name,
            VirtualCluster.Type.STANDARD,
            prefix,
            new VirtualCluster.Access(
                false, VirtualCluster.AclMode.KAFKA_API, List.of(), List.of()),
            usage),
        false);
  }

  private Place of(@Nullable String tenant) {
    return tenants.of(new User(tenant, "alice"), "main");
  }

  @Test
  void usersOfNoVirtualClusterSeeTheClusterAsItIs() {
    assertThat(of(null)).isEqualTo(Place.PASSTHROUGH);
    assertThat(of("passthrough")).isEqualTo(Place.PASSTHROUGH);
  }

  @Test
  void newTopicsFollowTheResource() throws Exception {
    put(
        "team",
        "team-",
        new ClusterUsage(
            false,
            new ClusterUsage.Defaults(3, null, Map.of("retention.ms", "1")),
            Map.of(ClusterUsage.Limit.TOPICS, 7L)));
    TopicRules rules =
        new TopicRules(
            false,
            new TopicRules.Defaults(3, TopicRules.UNSET, Map.of("retention.ms", "1")),
            new TopicRules.Limits(7, Integer.MAX_VALUE, Integer.MAX_VALUE));
    assertThat(of("team")).isEqualTo(new Place.Within(new Tenant("team", "team-", rules)));
  }

  @Test
  void usersSeeTheirVirtualCluster() {
    assertThat(of("team")).isEqualTo(TEAM);
    assertThat(of("other"))
        .isEqualTo(new Place.Nowhere("the virtual cluster other does not exist"));
  }

  @Test
  void usersNeedAVirtualClusterWhereItIsRequired() {
    tenancy = new Tenancy(true, "", Map.of("open", "passthrough"));
    Place refused =
        new Place.Nowhere(
            "the user belongs to no virtual cluster, and the gateway requires one"
                + " (virtualClusters.required)");
    assertThat(of(null)).isEqualTo(refused);
    assertThat(of("passthrough")).isEqualTo(refused);
    assertThat(of("team")).isEqualTo(TEAM);
    assertThat(tenants.of(User.named("alice"), "open")).isEqualTo(Place.PASSTHROUGH);
  }

  @Test
  void aListenerIsOfOneVirtualCluster() throws Exception {
    put("other", "other-");
    tenancy = new Tenancy(true, "", Map.of("main", "team", "second", "gone"));
    assertThat(of(null)).isEqualTo(TEAM);
    assertThat(of("passthrough")).isEqualTo(TEAM);
    assertThat(of("team")).isEqualTo(TEAM);
    assertThat(of("other"))
        .isEqualTo(
            new Place.Nowhere(
                "the user belongs to the virtual cluster other, and the listener main is for"
                    + " team"));
    assertThat(tenants.of(User.named("alice"), "second"))
        .isEqualTo(new Place.Nowhere("the virtual cluster gone does not exist"));
  }

  @Test
  void theNameOfACertificateIsThatOfAnExternalAccount() throws Exception {
    User alice = new User("team", "alice");
    resources.put(
        new ServiceAccount(alice, ServiceAccount.Type.EXTERNAL, List.of("CN=alice,O=x")), false);
    Tenants.Known known = tenants.known(User.named("CN=alice,O=x"));
    assertThat(known.user()).isEqualTo(alice);
    assertThat(tenants.known(User.named("CN=bob")).user()).isEqualTo(User.named("CN=bob"));
    CredentialCheck check = Objects.requireNonNull(known.check());
    put("other", "other-");
    assertThat(check.isOutdated()).isFalse();
    resources.delete(new Key(Kind.SERVICE_ACCOUNT, alice));
    assertThat(check.isOutdated()).isTrue();
    assertThat(check.recheck()).isEqualTo("the service account of the user has changed");
  }

  @Test
  void changesOfVirtualClustersAreTold() throws Exception {
    AtomicInteger told = new AtomicInteger();
    Runnable end = tenants.onChange(told::incrementAndGet);
    assertThat(told).as("at the beginning").hasValue(1);
    resources.put(new Group("ops", List.of(), List.of()), false);
    assertThat(told).as("after a change of others").hasValue(1);
    put("other", "other-");
    assertThat(told).hasValue(2);
    resources.delete(Key.of(Kind.VIRTUAL_CLUSTER, "other"));
    assertThat(told).hasValue(3);
    assertThat(of("other")).isInstanceOf(Place.Nowhere.class);
    resources.put(new AliasTopic(new User("team", "orders"), "shared", AliasTopic.MAIN), false);
    assertThat(told).hasValue(4);
    assertThat(of("team"))
        .isEqualTo(
            new Place.Within(
                new Tenant("team", "team-").with(new Aliases(Map.of("orders", "shared")))));
    resources.put(
        new AliasTopic(new User("team", "orders"), "shared", AliasTopic.MAIN, true), false);
    assertThat(told).hasValue(5);
    assertThat(of("team"))
        .isEqualTo(
            new Place.Within(
                new Tenant("team", "team-")
                    .with(new Aliases(Map.of("orders", "shared"), Set.of("orders")))));
    end.run();
    put("other", "other-");
    assertThat(told).hasValue(5);
  }
}
