package io.gatehouse.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.control.Administration.Upsert;
import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.doc.Substitution;
import io.gatehouse.control.kind.AliasTopic;
import io.gatehouse.control.kind.ConcentrationRule;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Interceptor;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Plugin;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.Scope;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.VirtualCluster;
import io.gatehouse.control.kind.VirtualCluster.Access;
import io.gatehouse.control.kind.VirtualCluster.AclMode;
import io.gatehouse.control.store.Change;
import io.gatehouse.control.store.References;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.Stores;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Resources that refer to others, in a gateway where all kinds have an effect. */
class ReferencesTest {

  private static final String TEAM = "team-a";
  private static final Key TEAM_KEY = Key.of(Kind.VIRTUAL_CLUSTER, TEAM);

  private final Store store = Stores.memory();
  private final Logins logins =
      new Logins() {
        @Override
        public @Nullable Secret tokenKey() {
          return null;
        }

        @Override
        public boolean take(ServiceAccount.Type type) {
          return authenticated;
        }

        @Override
        public boolean leadTo(String virtualCluster) {
          return listeners.contains(virtualCluster);
        }

        @Override
        public String prefixSeparator() {
          return separator;
        }
      };
  private Set<String> listeners = Set.of();
  private String separator = "";
  private boolean authenticated = true;
  private final Administration administration =
      new Administration(
          store,
          logins,
          new Capabilities(
              EnumSet.allOf(Kind.class),
              List.of(new Plugin("io.x.Mask", "# Mask", Map.of())),
              Set.of("main", "other"),
              Substitution.ofResources(Map.of("KEY", "s3cret"))));

  private static VirtualCluster cluster(String name, String prefix, AclMode mode) {
    return new VirtualCluster(
        name,
        VirtualCluster.Type.STANDARD,
        prefix,
        new VirtualCluster.Access(false, mode, List.of(), List.of()));
  }

  private static VirtualCluster cluster(String name) {
    return cluster(name, name, AclMode.KAFKA_API);
  }

  private static ServiceAccount account(String cluster, String name) {
    return new ServiceAccount(new User(cluster, name), ServiceAccount.Type.LOCAL, List.of());
  }

  private static AliasTopic alias(String cluster, String physicalCluster) {
    return new AliasTopic(new User(cluster, "alias"), "physical", physicalCluster);
  }

  private static ConcentrationRule rule(String cluster) {
    return new ConcentrationRule(
        new User(cluster, "rule"),
        ".*",
        new ConcentrationRule.PhysicalTopics("a", null, null),
        false,
        false);
  }

  private static Interceptor interceptor(Scope scope) {
    return new Interceptor("mask", scope, new Interceptor.Spec(null, "io.x.Mask", 1, Map.of()));
  }

  private static Refusal refused(Reason reason, ThrowingCallable call) {
    Refusal refusal = catchThrowableOfType(Refusal.class, call);
    assertThat(refusal).as("a refusal").isNotNull();
    assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
    return refusal;
  }

  private void refused(Reason reason, Resource resource, String title, String message) {
    for (boolean dry : List.of(true, false)) {
      Refusal refusal = refused(reason, () -> administration.put(resource, dry));
      assertThat(refusal.title()).isEqualTo(title);
      assertThat(refusal).hasMessage(message);
    }
  }

  private void put(Resource... resources) throws Refusal {
    for (Resource resource : resources) {
      assertThat(administration.put(resource, true)).isEqualTo(Upsert.CREATED);
      assertThat(administration.put(resource, false)).isEqualTo(Upsert.CREATED);
    }
  }

  @Test
  void aVirtualClusterMustExist() throws Exception {
    String missing = "There is no virtual cluster team-a.";
    refused(
        Reason.MISSING,
        account(TEAM, "abc"),
        "The given service account references a non-existing virtual cluster",
        missing);
    for (Resource topics : List.of(alias(TEAM, "main"), rule(TEAM))) {
      refused(Reason.MISSING, topics, "The given virtual cluster does not exist", missing);
    }
    refused(
        Reason.MISSING,
        interceptor(new Scope(TEAM, "g", null)),
        "The virtual cluster or the group specified in the scope does not exist",
        "There is no virtual cluster team-a. There is no group g.");
    put(cluster(TEAM), account(TEAM, "abc"), alias(TEAM, "main"), rule(TEAM));
    put(interceptor(new Scope(TEAM, null, null)), interceptor(new Scope(TEAM, null, "anybody")));

    Refusal used = refused(Reason.CONFLICT, () -> administration.delete(TEAM_KEY));
    assertThat(used.title())
        .isEqualTo(
            "The given virtual cluster has references (logical topics, interceptors, concentration"
                + " rules, service accounts) and cannot be deleted");
    assertThat(used)
        .hasMessage(
            "The virtual cluster team-a is still used by the following service account(s): abc;"
                + " alias topic(s): alias; concentration rule(s): rule; interceptor(s): mask,"
                + " mask");
    for (Resource resource : store.current().all().toList()) {
      if (!resource.key().equals(TEAM_KEY)) {
        administration.delete(resource.key());
      }
    }
    administration.delete(TEAM_KEY);
    refused(Reason.MISSING, () -> administration.delete(TEAM_KEY));
  }

  @Test
  void aMessageNamesSomeUsersOnly() throws Exception {
    put(cluster(TEAM));
    for (int i = 0; i < 25; i++) {
      put(account(TEAM, "user-" + i));
    }
    assertThat(refused(Reason.CONFLICT, () -> administration.delete(TEAM_KEY)).getMessage())
        .endsWith("user-18, user-19, and 5 more");
  }

  @Test
  void aGroupOfAScopeMustExist() throws Exception {
    Group group = new Group("g", List.of(), List.of());
    Interceptor interceptor = interceptor(new Scope(null, "g", null));
    refused(
        Reason.MISSING,
        interceptor,
        "The virtual cluster or the group specified in the scope does not exist",
        "There is no group g.");
    put(group, interceptor);
    Refusal used = refused(Reason.CONFLICT, () -> administration.delete(group.key()));
    assertThat(used.title()).isEqualTo("The group is still referenced by interceptors");
    assertThat(used).hasMessage("The group g is still used by the following interceptor(s): mask");
    administration.delete(interceptor.key());
    administration.delete(group.key());
  }

  @Test
  void groupsHaveMembersOfVirtualClusters() throws Exception {
    put(cluster(TEAM), account(TEAM, "abc"));
    put(new Group("g", List.of(new User(TEAM, "abc")), List.of()));
    refused(
        Reason.MISSING,
        new Group("h", List.of(new User("passthrough", "abc"), new User(TEAM, "abd")), List.of()),
        "The group contains a service account that does not exist",
        "There is no service account passthrough/abc, team-a/abd.");
    refused(Reason.CONFLICT, () -> administration.delete(account(TEAM, "abc").key()));
  }

  @Test
  void topicsOfTwoVirtualClustersNeverHaveOneName() throws Exception {
    put(cluster("team"), cluster("x", "shop.", AclMode.KAFKA_API));
    String title = "The given prefix is already used by another virtual cluster";
    for (VirtualCluster wrong :
        List.of(
            cluster("team1"),
            cluster("te"),
            cluster("y", "team", AclMode.KAFKA_API),
            cluster("y", "tea", AclMode.KAFKA_API),
            cluster("y", "team.", AclMode.KAFKA_API),
            cluster("y", "x", AclMode.KAFKA_API),
            cluster("shop.", "z", AclMode.KAFKA_API),
            cluster("y", "shop.", AclMode.KAFKA_API))) {
      for (boolean dry : List.of(true, false)) {
        Refusal refusal = refused(Reason.CONFLICT, () -> administration.put(wrong, dry));
        assertThat(refusal.title()).isEqualTo(title);
      }
    }
    refused(
        Reason.CONFLICT,
        cluster("team1"),
        title,
        "spec.prefix: topics of the virtual clusters team1 and team could have the same physical"
            + " name, because their prefixes 'team1' and 'team' begin alike. Choose a prefix that"
            + " does not begin with 'team'.");
    refused(
        Reason.CONFLICT,
        cluster("te"),
        title,
        "spec.prefix: topics of the virtual clusters te and team could have the same physical name,"
            + " because their prefixes 'te' and 'team' begin alike. Choose a prefix that ends in a"
            + " separator, such as 'te-'.");
    put(cluster("te", "te-", AclMode.KAFKA_API));
    put(cluster("y", "shop-", AclMode.KAFKA_API));
  }

  @Test
  void someThingsCannotBeChanged() throws Exception {
    put(cluster(TEAM));
    refused(
        Reason.CONFLICT,
        cluster(TEAM, TEAM, AclMode.REST_API),
        "The ACL mode of a virtual cluster cannot be changed",
        "spec.aclMode: it is KAFKA_API since the virtual cluster team-a exists.");
    refused(
        Reason.CONFLICT,
        cluster(TEAM, "team-a.", AclMode.KAFKA_API),
        "The prefix of a virtual cluster cannot be changed",
        "spec.prefix: it is 'team-a' since the virtual cluster team-a exists, and its topics have"
            + " it.");
    VirtualCluster partner =
        new VirtualCluster(
            "partner",
            VirtualCluster.Type.PARTNER,
            "partner",
            new VirtualCluster.Access(true, AclMode.KAFKA_API, List.of("abc"), List.of()));
    put(partner, alias("partner", "other"), alias(TEAM, "main"));
    refused(
        Reason.CONFLICT,
        alias("partner", "main"),
        "The physical cluster of an alias topic cannot be changed",
        "spec.physicalCluster: it is 'other' since the alias topic partner/alias exists.");
    refused(
        Reason.CONFLICT,
        alias("passthrough", "other"),
        "The virtual cluster is of type Standard and does not target main physical cluster",
        "spec.physicalCluster: 'other' is not main, and the virtual cluster passthrough is not of"
            + " type Partner.");
    refused(
        Reason.CONFLICT,
        alias("partner", "othr"),
        "The virtual cluster is of type Partner and does not target a valid physical cluster",
        "spec.physicalCluster: there is no physical cluster 'othr', did you mean other?.");
  }

  private static AliasTopic alias(String name, String of, String physicalName) {
    return new AliasTopic(new User(of, name), physicalName, AliasTopic.MAIN);
  }

  @Test
  void aTopicHasOneNameInAVirtualCluster() throws Exception {
    put(cluster(TEAM, "team-a.", AclMode.KAFKA_API), cluster("other"));
    put(alias("orders", TEAM, "shared"), alias("orders", "other", "shared"));
    refused(
        Reason.CONFLICT,
        alias("more", TEAM, "shared"),
        "The physical topic has another alias in the virtual cluster",
        "spec.physicalName: 'shared' has the alias 'orders' in the virtual cluster team-a"
            + " already.");
    refused(
        Reason.CONFLICT,
        alias("more", TEAM, "team-a.invoices"),
        "The virtual cluster has the physical topic already",
        "spec.physicalName: 'team-a.invoices' begins with the prefix of the virtual cluster team-a,"
            + " whose clients see it as 'invoices'.");
    administration.put(alias("orders", TEAM, "other.invoices"), false);
    put(alias("more", TEAM, "shared"));
    refused(
        Reason.INVALID,
        alias("dashes", TEAM, "--."),
        "The request is not valid",
        "'--.': an alias topic and its physical topic have a letter or a digit in their names.");
    for (String internal : List.of("__consumer_offsets", "_gatehouse_resources")) {
      refused(
          Reason.INVALID,
          alias("internal", TEAM, internal),
          "The request is not valid",
          "spec.physicalName: '%s' begins like an internal topic of Kafka or of gateways."
              .formatted(internal));
    }
  }

  @Test
  void passthroughIsNotAResource() {
    refused(
        Reason.INVALID,
        cluster("passthrough"),
        "Wrong format or usage of reserved keywords (e.g. passthrough)",
        "metadata.name: 'passthrough' is the virtual cluster of all clients without another one,"
            + " and cannot be changed.");
    Key key = Key.of(Kind.VIRTUAL_CLUSTER, "passthrough");
    assertThat(refused(Reason.INVALID, () -> administration.delete(key)).title())
        .isEqualTo("Default `passthrough` virtual cluster cannot be deleted");
  }

  @Test
  void anonymousClientsHaveNoVirtualCluster() {
    authenticated = false;
    refused(
        Reason.INVALID,
        cluster(TEAM),
        "Virtual cluster is not supported on security protocol PLAINTEXT",
        "No listener authenticates clients, so none could belong to the virtual cluster team-a.");
  }

  @Test
  void anInterceptorNeedsAPlugin() {
    Interceptor wrong =
        new Interceptor("a", Scope.GLOBAL, new Interceptor.Spec(null, "io.x.Msk", 1, Map.of()));
    refused(
        Reason.INVALID,
        wrong,
        "The request is not valid",
        "spec.pluginClass: there is no plugin 'io.x.Msk', did you mean io.x.Mask?.");
  }

  @Test
  void referencesInAConfigurationMustBePossibleHere() throws Exception {
    Interceptor good =
        new Interceptor(
            "a", Scope.GLOBAL, new Interceptor.Spec(null, "io.x.Mask", 1, Map.of("k", "${KEY}")));
    put(good);
    assertThat(store.current().all(Interceptor.class)).containsExactly(good);
    Interceptor wrong =
        new Interceptor(
            "a",
            Scope.GLOBAL,
            new Interceptor.Spec(
                null, "io.x.Mask", 1, Map.of("k", List.of("", Map.of("l", "${KEYS}")))));
    refused(
        Reason.INVALID,
        wrong,
        "The request is not valid",
        "spec.config.k[1].l: the variable KEYS is not set");
  }

  /** What this version does with kinds that have no effect yet. */
  @Test
  void aKindWithoutEffectIsValidatedAndRefused() throws Exception {
    Administration present = new Administration(store, logins);
    Map<Resource, String> refused =
        Map.of(
            alias("passthrough", "main"), "metadata.vCluster: alias topics of passthrough",
            rule("passthrough"), "Resources of kind ConcentrationRule");
    for (Map.Entry<Resource, String> each : refused.entrySet()) {
      assertThat(present.put(each.getKey(), true)).isEqualTo(Upsert.CREATED);
      assertThat(refused(Reason.INVALID, () -> present.put(each.getKey(), false)))
          .hasMessage(
              each.getValue()
                  + " are not supported by this version: it is valid, but would have no effect, so"
                  + " it is not stored.");
    }
    assertThat(refused(Reason.INVALID, () -> present.put(interceptor(Scope.GLOBAL), true)))
        .hasMessage("spec.pluginClass: there is no plugin 'io.x.Mask': this version has none yet.");
    assertThat(refused(Reason.MISSING, () -> present.put(rule(TEAM), false)).getMessage())
        .contains("team-a");
    assertThat(store.current().all()).isEmpty();
  }

  @Test
  void aVirtualClusterThatAsksForMoreIsValidatedAndRefused() throws Exception {
    Administration present = new Administration(store, logins);
    Access open = new Access(false, AclMode.KAFKA_API, List.of(), List.of());
    Access limited = new Access(true, AclMode.KAFKA_API, List.of("root"), List.of());
    VirtualCluster withAcls = new VirtualCluster(TEAM, VirtualCluster.Type.STANDARD, TEAM, limited);
    VirtualCluster partner = new VirtualCluster("p", VirtualCluster.Type.PARTNER, "p", limited);
    assertThat(present.put(partner, true)).isEqualTo(Upsert.CREATED);
    assertThat(refused(Reason.INVALID, () -> present.put(partner, false)))
        .hasMessage(
            "spec.type: virtual clusters of type Partner are not supported by this version: it is"
                + " valid, but would have no effect, so it is not stored.");
    VirtualCluster plain = new VirtualCluster(TEAM, VirtualCluster.Type.STANDARD, TEAM, open);
    for (VirtualCluster one : List.of(plain, withAcls)) {
      present.put(one, false);
      assertThat(store.current().all()).containsExactly(one);
    }
  }

  @Test
  void theDefaultPrefixHasTheSeparatorAndStays() throws Exception {
    VirtualCluster left = cluster(TEAM, "", AclMode.KAFKA_API);
    separator = "-";
    assertThat(administration.put(left, true)).isEqualTo(Upsert.CREATED);
    put(left);
    VirtualCluster made = cluster(TEAM, "team-a-", AclMode.KAFKA_API);
    assertThat(store.current().get(TEAM_KEY)).isEqualTo(made);
    separator = ".";
    assertThat(administration.put(left, false)).isEqualTo(Upsert.NOT_CHANGED);
    assertThat(store.current().get(TEAM_KEY)).isEqualTo(made);
    put(cluster("b", "", AclMode.KAFKA_API), cluster("c", "c", AclMode.KAFKA_API));
    assertThat(store.current().all(VirtualCluster.class).map(VirtualCluster::prefix))
        .containsExactly("team-a-", "b.", "c");
  }

  @Test
  void internalTopicsOfKafkaBelongToNoVirtualCluster() throws Exception {
    for (String prefix : List.of("_", "_team-", "__consumer")) {
      refused(
          Reason.INVALID,
          cluster(TEAM, prefix, AclMode.KAFKA_API),
          "The request is not valid",
          "spec.prefix: '%s' begins as internal topics of Kafka and of gateways do. Choose another."
              .formatted(prefix));
    }
    put(cluster(TEAM, "team_-", AclMode.KAFKA_API));
  }

  @Test
  void aListenerLeadsAnonymousClientsToItsVirtualCluster() throws Exception {
    authenticated = false;
    listeners = Set.of(TEAM);
    put(cluster(TEAM));
    assertThat(refused(Reason.INVALID, () -> administration.put(cluster("b"), false)).title())
        .isEqualTo("Virtual cluster is not supported on security protocol PLAINTEXT");
  }

  @Test
  void aChangeOfSeveralResourcesIsSeenAsAWhole() throws Exception {
    Change all =
        new Change(
            0,
            List.of(
                new Group("g", List.of(new User(TEAM, "abc")), List.of()),
                account(TEAM, "abc"),
                cluster(TEAM)),
            List.of());
    assertThat(problems(all)).isEmpty();
    store.write(all);
    Change gone =
        new Change(
            1, List.of(), List.of(Key.of(Kind.GROUP, "g"), account(TEAM, "abc").key(), TEAM_KEY));
    assertThat(problems(gone)).isEmpty();
    Change partly = new Change(1, List.of(), List.of(account(TEAM, "abc").key(), TEAM_KEY));
    assertThat(problems(partly))
        .extracting(References.Problem::message)
        .containsExactly(
            "The service account team-a/abc is still used by the following group(s): g");
    Change twice = new Change(1, List.of(external("one", "x"), external("two", "x")), List.of());
    assertThat(problems(twice)).hasSize(2);
    store.write(new Change(1, List.of(external("two", "x"), external("one", "y")), List.of()));
    Change swapped = new Change(2, List.of(external("one", "x"), external("two", "y")), List.of());
    assertThat(problems(swapped)).isEmpty();
    Change taken = new Change(2, List.of(external("two", "y")), List.of());
    assertThat(problems(taken)).hasSize(1);
  }

  private List<References.Problem> problems(Change change) {
    References references = new References(store.current(), store.current().with(change));
    return Stream.concat(
            change.puts().stream().map(references::problemsOf),
            change.deletes().stream().map(references::problemsWithout))
        .flatMap(List::stream)
        .toList();
  }

  private static ServiceAccount external(String name, String externalName) {
    return new ServiceAccount(
        new User("passthrough", name), ServiceAccount.Type.EXTERNAL, List.of(externalName));
  }
}
