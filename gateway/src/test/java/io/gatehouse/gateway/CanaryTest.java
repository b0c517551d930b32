package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Canaries;
import io.gatehouse.gateway.fixture.Chunks;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No response of any API in any version discloses a broker's address, and nothing but addresses is
 * changed.
 */
class CanaryTest {

  private static final int SASL_AUTHENTICATE = 36;
  private static final int ROUNDS = 4;

  private static final Map<HostPort, HostPort> BROKERS = Canaries.brokers();

  /** The address advertised for a broker without a port at this gateway; nothing listens there. */
  private static final HostPort DEAD = new HostPort("127.0.0.1", 0);

  private static final HostPort OTHER = new HostPort(Canaries.HOST_PREFIX + "-9.internal", 31_009);

  private static Rig rig;

  @BeforeAll
  static void start() throws Exception {
    rig = new Setup().external(BROKERS).start();
  }

  @AfterAll
  static void stop() throws Exception {
    rig.close();
  }

  /** Every API except ApiVersions. */
  static Stream<String> apis() {
    return Schemas.get().apiKeys().stream()
        .filter(key -> key != Frames.API_VERSIONS && Schemas.get().response(key) != null)
        .filter(key -> !Objects.requireNonNull(Schemas.get().response(key)).valid().isEmpty())
        .map(key -> key + " " + Schemas.get().apiName(key));
  }

  @ParameterizedTest
  @MethodSource("apis")
  void noBrokerAddressIsDisclosedAndNothingElseIsChanged(String api) throws Exception {
    int apiKey = Integer.parseInt(api.substring(0, api.indexOf(' ')));
    int highest = Objects.requireNonNull(Schemas.get().response(apiKey)).valid().highest();
    List<byte[]> requests = new ArrayList<>();
    List<byte[]> responses = new ArrayList<>();
    List<Struct> originals = new ArrayList<>();
    for (int version = 0; version <= highest; version++) {
      for (int round = 0; round < ROUNDS; round++) {
        RandomGenerator random = Seed.random(api, version, round);
        int id = responses.size();
        Struct original =
            Canaries.fill(Frames.responseLayout(apiKey, version), hosts(apiKey), random);
        requests.add(request(apiKey, version, id, random));
        responses.add(Frames.response(apiKey, version, id, original));
        originals.add(original);
      }
    }
    Rig.Pair pair = rig.open();
    boolean login = apiKey == Frames.SASL_HANDSHAKE || apiKey == SASL_AUTHENTICATE;
    // SASL requests cannot be pipelined.
    int atOnce = login ? 1 : requests.size();
    for (int from = 0; from < requests.size(); from += atOnce) {
      pair.client()
          .send(Frames.framed(requests.subList(from, from + atOnce).toArray(byte[][]::new)));
      for (int i = 0; i < atOnce; i++) {
        var _ = pair.link().readFrame(Rig.LIMIT);
      }
      byte[] all = Frames.framed(responses.subList(from, from + atOnce).toArray(byte[][]::new));
      var sending = Task.start(() -> Chunks.send(pair.link(), all, Seed.random(api, "pieces")));
      expectAll(pair, api, from, originals.subList(from, from + atOnce));
      sending.join();
    }
    pair.client().close();
  }

  private static void expectAll(Rig.Pair pair, String api, int first, List<Struct> originals)
      throws IOException {
    int apiKey = Integer.parseInt(api.substring(0, api.indexOf(' ')));
    for (int i = first; i < first + originals.size(); i++) {
      byte[] came = pair.client().readFrame(Rig.LIMIT);
      String what = api + " v" + i / ROUNDS + ", " + Seed.replay();
      assertThat(Frames.responseCorrelationId(came)).as(what).isEqualTo(i);
      assertThat(new String(came, StandardCharsets.ISO_8859_1))
          .as(what)
          .doesNotContain(Canaries.HOST_PREFIX);
      expectSame(originals.get(i - first), Frames.readResponse(apiKey, i / ROUNDS, came), what);
    }
  }

  /** Brokers do not send this, but the host name must not be disclosed if one does. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 65_536})
  void aHostWithoutAValidPortIsNotDisclosed(int port) throws Exception {
    int findCoordinator = 10;
    Struct original = Frames.newResponse(findCoordinator, 3);
    original.set("NodeId", 1).set("Host", OTHER.host()).set("Port", port);
    Rig.Pair pair = rig.open();
    pair.client().sendFrame(Frames.request(findCoordinator, 3, 9, new byte[3]));
    var _ = pair.link().readFrame(Rig.LIMIT);
    pair.link().sendFrame(Frames.response(findCoordinator, 3, 9, original));

    Struct came = Frames.readResponse(findCoordinator, 3, pair.client().readFrame(Rig.LIMIT));

    assertThat(came.getString("Host")).doesNotContain(Canaries.HOST_PREFIX);
  }

  /**
   * Kafka Streams applications publish their own addresses, but broker addresses may be among them.
   */
  private static List<HostPort> hosts(int apiKey) {
    List<HostPort> hosts = new ArrayList<>(BROKERS.keySet());
    String name = Objects.requireNonNull(Schemas.get().apiName(apiKey));
    hosts.add(name.startsWith("StreamsGroup") ? Canaries.APPLICATION : OTHER);
    return hosts;
  }

  private static byte[] request(int apiKey, int version, int id, RandomGenerator random) {
    return apiKey == Frames.PRODUCE
        ? Frames.produce(version, id, 1, 10, random)
        : Frames.request(apiKey, version, id, new byte[] {1, 2, 3});
  }

  /** Copies the received addresses into the original response and compares both. */
  private static void expectSame(Struct original, Struct came, String what) {
    List<Struct> before = addresses(original);
    List<Struct> after = addresses(came);
    assertThat(after).as(what).hasSameSizeAs(before);
    for (int i = 0; i < before.size(); i++) {
      HostPort address = Canaries.address(after.get(i));
      assertThat(address)
          .as("%s: instead of %s", what, Canaries.address(before.get(i)))
          .isIn(instead(original, Canaries.address(before.get(i))));
      Canaries.setAddress(before.get(i), address);
    }
    Canaries.structs(original).forEach(CanaryTest::copyMessages);
    assertThat(came).as(what).isEqualTo(original);
  }

  private static void copyMessages(Struct struct) {
    Canaries.messages(struct)
        .filter(field -> !struct.isNull(field))
        .forEach(field ->
            BROKERS.forEach((broker, instead) -> {
              if (struct.getString(field).equals(Canaries.message(broker))) {
                struct.set(field, Canaries.message(instead));
              }
            }));
  }

  private static List<Struct> addresses(Struct message) {
    return Canaries.structs(message)
        .filter(Canaries::isAddress)
        .filter(address -> !address.getString("Host").isEmpty())
        .toList();
  }

  private static Set<HostPort> instead(Struct message, HostPort broker) {
    boolean ofControllers =
        switch (message.layout().name()) {
          case "DescribeQuorumResponse",
              "VoteResponse",
              "BeginQuorumEpochResponse",
              "EndQuorumEpochResponse",
              "FetchSnapshotResponse",
              "UpdateRaftVoterResponse" ->
              true;
          default -> false;
        };
    if (ofControllers) {
      // these node ids have no fixed address
      var any = new HashSet<>(BROKERS.values());
      any.add(DEAD);
      any.add(rig.address());
      return any;
    }
    if (broker.equals(Canaries.APPLICATION)) {
      return Set.of(broker);
    }
    return Set.of(BROKERS.getOrDefault(broker, DEAD));
  }
}
