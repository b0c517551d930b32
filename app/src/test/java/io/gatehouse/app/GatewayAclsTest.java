package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.app.config.BoundYaml;
import io.gatehouse.auth.User;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.control.Administration;
import io.gatehouse.control.ClientAcls;
import io.gatehouse.control.kind.Acl;
import io.gatehouse.control.kind.AliasTopic;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.VirtualCluster;
import io.gatehouse.control.kind.VirtualCluster.AclMode;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclFilter;
import io.gatehouse.gateway.acl.AclStore;
import io.gatehouse.gateway.acl.Acls;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.PatternType;
import io.gatehouse.gateway.acl.Permission;
import io.gatehouse.gateway.acl.Principal;
import io.gatehouse.gateway.acl.ResourcePattern;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.Tenancy;
import io.gatehouse.gateway.settings.Tenancy.PassthroughAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GatewayAclsTest {

  private static final GatewaySettings SETTINGS =
      BoundYaml.settings(
              """
              upstream: {bootstrapServers: "k1:9092"}
              listeners: [{authentication: {mechanisms: [{user: u, password: p}]}}]
              """)
          .gateway();

  private static final User ROOT = new User("team", "root");
  private static final AclBinding RULE = rule("alice", "orders");

  private final Pool pool = new Pool();
  private final AtomicInteger told = new AtomicInteger();
  private PassthroughAccess passthrough = new PassthroughAccess(true, Set.of("root"));
  private Administration resources;
  private GatewayAcls acls;

  @BeforeEach
  void setUp() throws Exception {
    Store store = pool.leases().get(new StoreSettings.Memory());
    resources = new Administration(store, new GatewayLogins(() -> SETTINGS));
    acls =
        new GatewayAcls(
            store,
            () -> resources,
            () -> SETTINGS.with(new Tenancy(false, "-", Map.of(), passthrough)));
    var _ = acls.onChange(told::incrementAndGet);
    put("team", byKafka("root"));
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private static VirtualCluster.Access byKafka(String... superUsers) {
    return new VirtualCluster.Access(true, AclMode.KAFKA_API, List.of(superUsers), List.of());
  }

  private static VirtualCluster.Access byRest(Acl... rules) {
    return new VirtualCluster.Access(true, AclMode.REST_API, List.of(), List.of(rules));
  }

  private void put(String name, VirtualCluster.Access access) throws Exception {
    resources.put(
        new VirtualCluster(name, VirtualCluster.Type.STANDARD, name + "-", access), false);
  }

  private static AclBinding rule(String user, String topic) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
        Principal.user(user),
        AclBinding.ANY_HOST,
        Operation.READ,
        Permission.ALLOW);
  }

  private static Acl acl(String user, String topic) {
    return new Acl(
        new Acl.Resources(Acl.Type.TOPIC, topic, Acl.Match.LITERAL),
        "User:" + user,
        "*",
        Acl.Operation.READ,
        Acl.Permission.ALLOW);
  }

  private Acls.Access access(@Nullable String tenant) {
    return Objects.requireNonNull(acls.of(tenant));
  }

  private AclStore store(@Nullable String tenant) {
    return Objects.requireNonNull(access(tenant).store());
  }

  private boolean reads(@Nullable String tenant, String user, String topic) {
    return access(tenant)
        .rules()
        .caller(user, List.of(), "10.0.0.1")
        .authorize(Operation.READ, ResourceType.TOPIC, topic)
        .allowed();
  }

  @Test
  void superUsersMakeRulesThatAreInForceAtOnce() throws Exception {
    assertThat(reads("team", "root", "orders")).isTrue();
    assertThat(reads("team", "alice", "orders")).isFalse();
    int before = told.get();
    store("team").create(ROOT, List.of(RULE, rule("bob", "orders")));
    assertThat(told).hasValueGreaterThan(before);
    assertThat(reads("team", "alice", "orders")).isTrue();
    assertThat(reads("team", "alice", "others")).isFalse();
    assertThat(reads(null, "alice", "orders")).as("of passthrough").isFalse();
    assertThat(store("team").delete(ROOT, List.of(AclFilter.ALL)).getFirst())
        .containsExactlyInAnyOrder(RULE, rule("bob", "orders"));
    assertThat(reads("team", "alice", "orders")).isFalse();
  }

  @Test
  void rulesOfAllSortsAreKeptAsTheyAre() throws Exception {
    List<AclBinding> all = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      for (Operation operation : Operation.values()) {
        for (Permission permission : Permission.values()) {
          for (PatternType match : PatternType.values()) {
            all.add(
                new AclBinding(
                    new ResourcePattern(type, "*", match),
                    new Principal("Other", "CN=a:b, O=c"),
                    "10.0.0.0/8",
                    operation,
                    permission));
          }
        }
      }
    }
    store(null).create(ROOT, all);
    assertThat(access(null).rules().bindings()).containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void rulesInTheResourceCannotBeChangedByClients() throws Exception {
    put("rest", byRest(acl("alice", "orders")));
    assertThat(access("rest").store()).isNull();
    assertThat(reads("rest", "alice", "orders")).isTrue();
    put("rest", byRest(acl("bob", "orders")));
    assertThat(reads("rest", "alice", "orders")).isFalse();
    assertThat(reads("rest", "bob", "orders")).isTrue();
  }

  @Test
  void indexesAreMadeAgainOnlyIfTheirRulesChange() throws Exception {
    put("other", byKafka("root"));
    store(null).create(ROOT, List.of(RULE));
    Acls.Access team = access("team");
    Acls.Access open = access(null);
    int before = told.get();
    resources.put(new ServiceAccount(ROOT, ServiceAccount.Type.LOCAL, List.of()), false);
    assertThat(told).as("after a change of others").hasValue(before);
    store("other").create(ROOT, List.of(RULE));
    assertThat(told).hasValueGreaterThan(before);
    assertThat(access("team").rules()).isSameAs(team.rules());
    assertThat(access(null).rules()).isSameAs(open.rules());
    put("team", byKafka("root", "User:alice"));
    assertThat(access("team").rules()).isNotSameAs(team.rules());
    assertThat(reads("team", "alice", "any")).isTrue();
  }

  @Test
  void groupsAreThoseOfTheResourcesAtOnce() throws Exception {
    resources.put(new ServiceAccount(ROOT, ServiceAccount.Type.LOCAL, List.of()), false);
    int before = told.get();
    resources.put(new Group("ops", List.of(ROOT), List.of("idp-ops")), false);
    assertThat(told).hasValueGreaterThan(before);
    assertThat(acls.groups("team", "root", Set.of())).containsExactly("ops");
    assertThat(acls.groups(null, "root", Set.of())).as("another account").isEmpty();
    assertThat(acls.groups(null, "root", Set.of("idp-ops", "x"))).containsExactly("ops");
    before = told.get();
    resources.delete(Key.of(Kind.GROUP, "ops"));
    assertThat(told).hasValueGreaterThan(before);
    assertThat(acls.groups("team", "root", Set.of("idp-ops"))).isEmpty();
  }

  @Test
  void withoutLimitsThereAreNoRules() throws Exception {
    passthrough = new PassthroughAccess(false, Set.of());
    assertThat(acls.of(null)).isNull();
    assertThat(reads("none", "root", "any")).as("in no virtual cluster").isFalse();
    store("team").create(ROOT, List.of(RULE));
    put("team", new VirtualCluster.Access(false, AclMode.KAFKA_API, List.of(), List.of()));
    assertThat(acls.of("team")).isNull();
    put("team", byKafka("root"));
    assertThat(reads("team", "alice", "orders")).as("rules stay").isTrue();
  }

  @Test
  void readOnlyAliasesAreToldForExplanations() throws Exception {
    for (String alias : List.of("prices", "orders")) {
      resources.put(
          new AliasTopic(
              new User("team", alias), "all-" + alias, AliasTopic.MAIN, alias.equals("prices")),
          false);
    }
    assertThat(acls.readOnly("team")).containsExactly("prices");
    assertThat(acls.readOnly("other")).isEmpty();
    assertThat(acls.readOnly(null)).isEmpty();
  }

  @Test
  void theSuperUsersOfPassthroughAreThoseOfTheSettings() throws Exception {
    store(null).create(ROOT, List.of(RULE));
    assertThat(reads(null, "root", "any")).isTrue();
    assertThat(reads(null, "bob", "any")).isFalse();
    passthrough = new PassthroughAccess(true, Set.of("bob"));
    assertThat(reads(null, "root", "any")).isFalse();
    assertThat(reads(null, "bob", "any")).isTrue();
    assertThat(reads(null, "alice", "orders")).isTrue();
    assertThat(access(null).rules()).isSameAs(access(null).rules());
  }

  @Test
  void rulesGoWithTheirVirtualCluster() throws Exception {
    AclStore gone = store("team");
    gone.create(ROOT, List.of(RULE));
    resources.delete(Key.of(Kind.VIRTUAL_CLUSTER, "team"));
    assertThat(reads("team", "root", "orders")).isFalse();
    assertThat(notKept(gone, List.of(RULE)).reason()).isEqualTo(AclStore.Reason.UNAVAILABLE);
    put("team", byKafka("root"));
    assertThat(access("team").rules().bindings()).isEmpty();
  }

  private static AclStore.NotKeptException notKept(AclStore store, List<AclBinding> rules) {
    return catchThrowableOfType(AclStore.NotKeptException.class, () -> store.create(ROOT, rules));
  }

  @Test
  void rulesThatCannotBeKeptAreRefused() {
    AclStore.NotKeptException refused = notKept(store("team"), List.of(rule("alice", "a\u0007b")));
    assertThat(refused.reason()).isEqualTo(AclStore.Reason.TOO_LARGE);
    assertThat(refused).hasMessageContaining("control characters");
    List<AclBinding> many = new ArrayList<>();
    for (int i = 0; i <= ClientAcls.MAX_RULES; i++) {
      many.add(rule("alice", "topic-" + i));
    }
    AclStore.NotKeptException tooMany = notKept(store("team"), many);
    assertThat(tooMany.reason()).isEqualTo(AclStore.Reason.TOO_LARGE);
    assertThat(tooMany).hasMessageContaining("can have 50000 rules");
  }
}
