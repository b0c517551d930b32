package io.gatehouse.gateway.authorize;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.GatewayStart;
import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclRules;
import io.gatehouse.gateway.acl.Acls;
import io.gatehouse.gateway.acl.KafkaAuthorizer;
import io.gatehouse.gateway.acl.PatternType;
import io.gatehouse.gateway.acl.ResourcePattern;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.Ports;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.schema.Versions;
import io.gatehouse.wire.tree.Struct;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.jspecify.annotations.Nullable;

/**
 * A broker that enforces rules, and a gateway before it that enforces the same ones itself and is a
 * super user at the broker. Both have the same users.
 */
final class Arena implements AutoCloseable {

  static final int USERS = 100;
  static final String SUPER_USER = "admin";

  static final Tenant TENANT = new Tenant("virtual", "prefixof.");

  private static final String PASSWORD = "any";
  private static final String LISTENER = "SASL";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final KafkaCluster cluster;
  private final World world;
  private final World tenantsWorld;
  private final Ports ports;
  private final Gateway gateway;
  private volatile Acls.@Nullable Access access;
  private volatile Acls.@Nullable Access tenantsAccess;

  private Arena() throws Exception {
    Listener listener = Listener.sasl(LISTENER).plain(SUPER_USER, PASSWORD);
    users().forEach(user -> listener.plain(user, PASSWORD));
    tenants().forEach(user -> listener.plain(user, PASSWORD));
    cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 1)
            .with(listener)
            .with("auto.create.topics.enable", "true")
            .withAuthorizer("User:" + SUPER_USER)
            .start();
    world = new World(cluster, "");
    tenantsWorld = new World(cluster, TENANT.prefix());
    ports = Ports.contiguous(2);
    int port = ports.get(0);
    ListenerSettings open =
        new ListenerSettings(
            "acl",
            "127.0.0.1",
            "localhost",
            new Routing.ByNodeId(
                new PortPlan.Pair(port, port), PortPlan.from(port + 1).limited(1), 0),
            Entry.OPEN.with(
                FixedSource.sasl(
                    List.of(
                        new PlainMechanism((user, password, peer) ->
                            new SaslExchange.Outcome(new Principal(user, "PLAIN"), null))),
                    Duration.ZERO)));
    Setup setup = new Setup().refresh(Duration.ofSeconds(1));
    gateway =
        Gateway.start(
            setup.settings(RealCluster.servers(cluster), open),
            Duration.ZERO,
            GatewayStart.with(InheritedSockets.none(), setup.steps())
                .with((user, _) ->
                    user.name().startsWith("t") ? new Place.Within(TENANT) : Place.PASSTHROUGH)
                .with((Acls) tenant -> tenant == null ? access : tenantsAccess));
  }

  static Arena start() throws Exception {
    return new Arena();
  }

  /** The names of the users without rights of their own. */
  static List<String> users() {
    return IntStream.range(0, USERS).mapToObj(i -> "u" + i).toList();
  }

  /** The names of users in a virtual cluster. */
  static List<String> tenants() {
    return IntStream.range(0, USERS).mapToObj(i -> "t" + i).toList();
  }

  /** What is in the virtual cluster. */
  World tenantsWorld() {
    return tenantsWorld;
  }

  /** What is in the cluster as it is. */
  World world() {
    return world;
  }

  /** Creates a topic of one partition, as a super user. */
  void createTopic(String name) {
    cluster.createTopic(name, 1, 1);
  }

  /** Deletes topics and waits until they are gone. */
  void deleteTopics(Predicate<String> which) throws Exception {
    List<String> names = topics(which);
    var _ = cluster.admin().deleteTopics(names).all().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    Await.within(LIMIT, () -> "topics are left", () -> topics(which).isEmpty());
  }

  private List<String> topics(Predicate<String> which) throws Exception {
    return cluster.admin().listTopics().names().get(LIMIT.toSeconds(), TimeUnit.SECONDS).stream()
        .filter(which)
        .toList();
  }

  /** A super user at the broker. */
  Admin admin() {
    return cluster.admin();
  }

  /** A client of the broker. */
  AsUser direct(String user) {
    return new AsUser(cluster.brokers().getFirst().port(LISTENER), user, PASSWORD);
  }

  /** A client of the gateway. */
  AsUser through(String user) {
    return new AsUser(ports.get(1), user, PASSWORD);
  }

  /** The versions that both the broker and the gateway have. */
  Map<Integer, Versions> versions() throws Exception {
    use(List.of()); // it offers others to clients without rules
    askForTopics();
    Map<Integer, Versions> all = versions(direct(SUPER_USER));
    Map<Integer, Versions> through = versions(through(SUPER_USER));
    Map<Integer, Versions> both = new TreeMap<>();
    all.forEach((api, mine) -> {
      Versions other = through.get(api);
      // Brokers tell of some versions that they do not have.
      MessageSchema schema = Schemas.get().request(api);
      if (other != null && schema != null) {
        both.put(
            api,
            new Versions(
                (short) Math.max(schema.valid().lowest(), Math.max(mine.lowest(), other.lowest())),
                (short) Math.min(mine.highest(), other.highest())));
      }
    });
    return both;
  }

  /** Lets the gateway know the ids of all topics, which are unknown to clients before that. */
  private void askForTopics() throws Exception {
    Struct body = Frames.newRequest(Frames.METADATA, 12);
    body.set("Topics", List.of()).set("AllowAutoTopicCreation", false);
    for (World each : List.of(world, tenantsWorld)) {
      for (String topic : World.TOPICS) {
        body.addStruct("Topics").set("TopicId", each.topicId(topic)).set("Name", null);
      }
    }
    var _ = through(users().getFirst()).ask(List.of(new Call(Frames.METADATA, 12, body)));
  }

  private static Map<Integer, Versions> versions(AsUser client) throws Exception {
    Call call = new Call(Frames.API_VERSIONS, 2, Frames.newRequest(Frames.API_VERSIONS, 2));
    byte[] answer = client.ask(List.of(call)).getFirst();
    Map<Integer, Versions> versions = new TreeMap<>();
    for (Struct api : Frames.readResponse(Frames.API_VERSIONS, 2, answer).getStructs("ApiKeys")) {
      versions.put(
          api.getInt("ApiKey"),
          new Versions((short) api.getInt("MinVersion"), (short) api.getInt("MaxVersion")));
    }
    return versions;
  }

  /** Puts these rules in force instead of all others, at the broker and at the gateway. */
  void use(List<AclBinding> rules) throws Exception {
    useAtBroker(rules);
    access = access(rules);
    gateway.renewPlans();
  }

  /** The same for the virtual cluster, whose names have a prefix at the broker. */
  void useInTenant(List<AclBinding> rules) throws Exception {
    useAtBroker(rules.stream().map(Arena::prefixed).toList());
    tenantsAccess = access(rules);
    gateway.renewPlans();
  }

  private static AclBinding prefixed(AclBinding rule) {
    ResourcePattern of = rule.resources();
    if (of.type() == ResourceType.CLUSTER) {
      return rule;
    }
    boolean any = of.match() == PatternType.LITERAL && of.name().equals(ResourcePattern.ANY_NAME);
    ResourcePattern prefixed =
        any
            ? new ResourcePattern(of.type(), TENANT.prefix(), PatternType.PREFIXED)
            : new ResourcePattern(of.type(), TENANT.toBroker(of.name()), of.match());
    return new AclBinding(
        prefixed, rule.principal(), rule.host(), rule.operation(), rule.permission());
  }

  private static Acls.Access access(List<AclBinding> rules) {
    return new Acls.Access(
        new AclRules(
            rules,
            new AclRules.Settings(
                Set.of(io.gatehouse.gateway.acl.Principal.user(SUPER_USER)), false)),
        null);
  }

  private void useAtBroker(List<AclBinding> rules) throws Exception {
    List<org.apache.kafka.common.acl.AclBinding> kafkas =
        rules.stream().distinct().map(KafkaAuthorizer::kafkas).toList();
    var _ =
        cluster
            .admin()
            .deleteAcls(List.of(AclBindingFilter.ANY))
            .all()
            .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    awaitRules(0);
    cluster.admin().createAcls(kafkas).all().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    awaitRules(kafkas.size());
  }

  private void awaitRules(int count) {
    Await.within(
        LIMIT,
        () -> "the broker has other rules than " + count,
        () ->
            cluster
                    .admin()
                    .describeAcls(AclBindingFilter.ANY)
                    .values()
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS)
                    .size()
                == count);
  }

  @Override
  public void close() throws IOException {
    gateway.close();
    ports.close();
    world.close();
    tenantsWorld.close();
    cluster.close();
  }
}
