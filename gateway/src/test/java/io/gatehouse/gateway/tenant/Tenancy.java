package io.gatehouse.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.Gateway;
import io.gatehouse.gateway.GatewayStart;
import io.gatehouse.gateway.fixture.Figures;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.RealCluster;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.tenant.Recorder.Canary;
import io.gatehouse.gateway.tenant.Tenants.Place;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.Ports;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.common.Uuid;

/**
 * A gateway in front of the shared cluster for Alice and Bob, each in a virtual cluster, and Carol,
 * who sees the cluster as it is. Each has a listener and a {@link Recorder}.
 */
final class Tenancy implements AutoCloseable {

  static final Tenant ALICES = new Tenant("clusterofalice", "prefixofalice.");
  static final Tenant BOBS = new Tenant("clusterofbob", "prefixofbob.");

  /** What the names of canaries that are topic ids begin with. */
  static final String TOPIC_ID = "the id of ";

  private static final int BROKERS = 3;
  private static final int LOWEST_ID = 1;

  private static final List<CloseReason> BUGS =
      List.of(
          CloseReason.INTERNAL_ERROR,
          CloseReason.MALFORMED_REQUEST,
          CloseReason.MALFORMED_RESPONSE,
          CloseReason.NOT_KAFKA,
          CloseReason.UNSUPPORTED_VERSION);

  private final Ports ports;
  private final Gateway gateway;
  private final Map<String, Party> parties = new HashMap<>();
  private final Map<String, Place> places = new ConcurrentHashMap<>();

  private Tenancy() throws Exception {
    places.put("alice", new Place.Within(ALICES));
    places.put("bob", new Place.Within(BOBS));
    places.put("carol", Place.PASSTHROUGH);
    List<String> users = List.of("alice", "bob", "carol");
    int each = BROKERS + 1;
    ports = Ports.contiguous(2 * each * users.size());
    List<ListenerSettings> listeners = new ArrayList<>();
    for (int i = 0; i < users.size(); i++) {
      int advertised = ports.get(2 * each * i);
      int local = ports.get(2 * each * i + each);
      Map<Integer, Integer> recorded = new HashMap<>();
      for (int port = 0; port < each; port++) {
        recorded.put(advertised + port, local + port);
      }
      parties.put(users.get(i), new Party(users.get(i), advertised, new Recorder(recorded)));
      listeners.add(
          new ListenerSettings(
              users.get(i),
              "127.0.0.1",
              "localhost",
              new Routing.ByNodeId(
                  new PortPlan.Pair(advertised, local),
                  new PortPlan(List.of(new PortPlan.Pair(advertised + 1, local + 1)), true)
                      .limited(BROKERS),
                  LOWEST_ID),
              Entry.OPEN.with(
                  FixedSource.sasl(
                      List.of(
                          new PlainMechanism((user, password, peer) ->
                              new SaslExchange.Outcome(new Principal(user, "PLAIN"), null))),
                      Duration.ZERO))));
    }
    Setup setup = new Setup().refuseUnknown().refresh(Duration.ofSeconds(1));
    gateway =
        Gateway.start(
            setup.settings(
                RealCluster.servers(RealCluster.get()), listeners.toArray(ListenerSettings[]::new)),
            Duration.ZERO,
            GatewayStart.with(InheritedSockets.none(), setup.steps()).with(this::place));
  }

  static Tenancy start() throws Exception {
    return new Tenancy();
  }

  private Place place(User user, String listener) {
    return places.getOrDefault(user.name(), new Place.Nowhere("nobody knows this user"));
  }

  Gateway gateway() {
    return gateway;
  }

  KafkaCluster brokers() {
    return RealCluster.get();
  }

  Party alice() {
    return party("alice");
  }

  Party bob() {
    return party("bob");
  }

  /** The user who sees the cluster as it is. */
  Party carol() {
    return party("carol");
  }

  private Party party(String user) {
    return java.util.Objects.requireNonNull(parties.get(user));
  }

  /** Moves a user, with its open connections. */
  void move(String user, Place where) {
    places.put(user, where);
    gateway.renewPlans();
  }

  /** Asserts that nobody received anything of others, and that no session ended by a fault. */
  void checkNothingLeaked() throws Exception {
    checkNothingLeaked(_ -> true);
  }

  /** The same for these canaries only. */
  void checkNothingLeaked(Predicate<Canary> wanted) throws Exception {
    Figures figures = Figures.of(gateway);
    for (CloseReason reason : BUGS) {
      assertThat(figures.ends(reason)).as("sessions that ended by %s", reason).isZero();
    }
    for (Party one : List.of(alice(), bob())) {
      List<Canary> canaries = canaries(one).stream().filter(wanted).toList();
      assertThat(one.recorder().leaks(canaries)).as("received by %s", one.user()).isEmpty();
    }
  }

  /** What a party must not receive. */
  List<Canary> canaries(Party of) throws Exception {
    List<Canary> canaries = new ArrayList<>();
    // Not even the prefix of its own, which says that others are there.
    canaries.add(Canary.of(ALICES.prefix()));
    canaries.add(Canary.of(BOBS.prefix()));
    canaries.add(Canary.of("__consumer_offsets"));
    canaries.add(Canary.of("__transaction_state"));
    canaries.add(Canary.of("__share_group_state"));
    for (Party other : parties.values()) {
      if (other != of) {
        canaries.add(Canary.of("clusterof" + other.user()));
        canaries.add(Canary.of(other.token()));
        other.secrets().forEach(secret -> canaries.add(Canary.of(secret)));
      }
    }
    String own = of == alice() ? ALICES.prefix() : BOBS.prefix();
    for (TopicListing topic :
        brokers()
            .admin()
            .listTopics(new ListTopicsOptions().listInternal(true))
            .listings()
            .get(30, TimeUnit.SECONDS)) {
      if (!topic.name().startsWith(own)) {
        canaries.addAll(ofTopicId(topic));
      }
    }
    return canaries;
  }

  private static List<Canary> ofTopicId(TopicListing topic) {
    Uuid id = topic.topicId();
    byte[] bytes =
        ByteBuffer.allocate(16)
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .array();
    String name = TOPIC_ID + topic.name();
    return List.of(
        Canary.of(name, bytes),
        Canary.of(name + " as text", id.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** The users' names. */
  Set<String> users() {
    return parties.keySet();
  }

  @Override
  public void close() {
    parties.values().forEach(party -> party.recorder().close());
    gateway.close();
    ports.close();
  }
}
