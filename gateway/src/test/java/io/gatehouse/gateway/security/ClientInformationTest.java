package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.login.kafka.Logins;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Brokers get a client's software name and version (KIP-511), also if the gateway authenticates it.
 */
class ClientInformationTest {

  private static final String X = "x";
  private static final int HEARTBEAT = 12;
  private static final int INVALID_REQUEST = 42;
  private static final Entry PLAIN =
      Entry.OPEN.with(
          FixedSource.sasl(
              List.of(
                  new PlainMechanism((user, password, peer) ->
                      new SaslExchange.Outcome(new Principal(user, "PLAIN"), null))),
              Duration.ZERO));

  /** The client id that {@link Frames} uses. */
  private static final String CLIENT = "raw";

  private static final byte[] ANSWER = Frames.response(77, new byte[2]);

  private RawBroker broker;
  private Echo cluster;
  private SecuredGateway secured;

  @BeforeEach
  void cluster() throws Exception {
    broker = RawBroker.start();
    cluster = new Echo(broker.address());
  }

  private RawClient connect(Access access) throws Exception {
    return connect(access, new Setup());
  }

  private RawClient connect(Access access, Setup setup) throws Exception {
    secured =
        SecuredGateway.of(cluster.asked()).setup(setup).access(access).listener(X, PLAIN).start();
    FakeCluster.awaitKnown(secured.gateway());
    return RawClient.connect("127.0.0.1", secured.brokerPort(X));
  }

  @AfterEach
  void stop() throws Exception {
    secured.close();
    cluster.close();
    broker.close();
  }

  /** ApiVersions v3; the result is its error code. */
  private static int tell(RawClient client, String name, String version) throws Exception {
    client.sendFrame(
        Frames.request(
            Frames.API_VERSIONS,
            3,
            5,
            Frames.newRequest(Frames.API_VERSIONS, 3)
                .set("ClientSoftwareName", name)
                .set("ClientSoftwareVersion", version)));
    return Frames.readResponse(Frames.API_VERSIONS, 3, client.readFrame(Rig.LIMIT))
        .getInt("ErrorCode");
  }

  private static byte[] question() {
    return Frames.request(HEARTBEAT, 0, 77, Frames.newRequest(HEARTBEAT, 0));
  }

  private static String clientId(byte[] request) {
    return Headers.readRequest(Unpooled.wrappedBuffer(request)).getString("ClientId");
  }

  private static void expectIntroduction(byte[] request) {
    ByteBuf in = Unpooled.wrappedBuffer(request);
    Struct header = Headers.readRequest(in);
    assertThat(header.getInt("RequestApiKey")).isEqualTo(Frames.API_VERSIONS);
    assertThat(header.getString("ClientId")).isEqualTo(CLIENT);
    Struct body = TreeReader.readWhole(Frames.requestLayout(Frames.API_VERSIONS, 3), in);
    assertThat(body.getString("ClientSoftwareName")).isEqualTo("apache-kafka-java");
    assertThat(body.getString("ClientSoftwareVersion")).isEqualTo("4.3.1");
  }

  private static void answer(RawClient link, int apiKey, int version, byte[] request)
      throws Exception {
    link.sendFrame(
        Frames.response(
            apiKey,
            version,
            Frames.requestCorrelationId(request),
            Frames.newResponse(apiKey, version)));
  }

  @Test
  void theSoftwareNameIsSentBeforeTheFirstRequestWithoutWaiting() throws Exception {
    try (RawClient client = connect(Access.PLAINTEXT)) {
      assertThat(tell(client, "apache-kafka-java", "4.3.1")).isZero();
      assertThat(RawSasl.plain(client, "alice", "any")).isZero();
      client.sendFrame(question());

      RawClient link = broker.accept();
      byte[] introduction = link.readFrame(Rig.LIMIT);
      expectIntroduction(introduction);
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(question()); // pipelined
      answer(link, Frames.API_VERSIONS, 3, introduction);
      link.sendFrame(ANSWER);

      // The client gets only the response to its own request.
      assertThat(client.readFrame(Rig.LIMIT)).isEqualTo(ANSWER);
    }
  }

  /** An old broker answers with an error, which the client does not see. */
  @Test
  void theBrokersResponseIsIgnored() throws Exception {
    try (RawClient client = connect(Access.PLAINTEXT)) {
      assertThat(tell(client, "apache-kafka-java", "4.3.1")).isZero();
      assertThat(RawSasl.plain(client, "alice", "any")).isZero();
      client.sendFrame(question());
      RawClient link = broker.accept();
      byte[] introduction = link.readFrame(Rig.LIMIT);
      link.sendFrame(
          Frames.response(
              Frames.requestCorrelationId(introduction), new byte[] {0, 35, 0, 0, 0, 0}));
      link.sendFrame(ANSWER);

      assertThat(client.readFrame(Rig.LIMIT)).isEqualTo(ANSWER);
    }
  }

  /** A client whose own requests have no response. */
  private static RawClient sendOnly(RawClient client) throws Exception {
    assertThat(tell(client, "apache-kafka-java", "4.3.1")).isZero();
    assertThat(RawSasl.plain(client, "alice", "any")).isZero();
    return client.sendFrame(Frames.produce(1, 7, 0, 100, Seed.random("introduction")));
  }

  @Test
  void aDrainDoesNotWaitForTheResponseToApiVersions() throws Exception {
    try (RawClient client = sendOnly(connect(Access.PLAINTEXT))) {
      RawClient link = broker.accept();
      expectIntroduction(link.readFrame(Rig.LIMIT));
      assertThat(Frames.apiKey(link.readFrame(Rig.LIMIT))).isEqualTo(Frames.PRODUCE);

      var _ = secured.gateway().drain();

      assertThat(client.expectClosed(Duration.ofSeconds(1))).isEqualTo(RawClient.End.FIN);
    }
  }

  @Test
  void aHalfCloseDoesNotWaitForTheResponseToApiVersions() throws Exception {
    try (RawClient client = sendOnly(connect(Access.PLAINTEXT))) {
      RawClient link = broker.accept();
      expectIntroduction(link.readFrame(Rig.LIMIT));
      assertThat(Frames.apiKey(link.readFrame(Rig.LIMIT))).isEqualTo(Frames.PRODUCE);

      client.finish();

      link.expectClosed(Rig.LIMIT);
    }
  }

  @Test
  void theClientStaysConnectedWhenAnotherBrokerClosesThatOwesOnlyAnApiVersionsResponse()
      throws Exception {
    try (RawBroker other = RawBroker.start();
        RawClient client =
            sendOnly(connect(Access.PLAINTEXT, new Setup().steps(produceTo(other))))) {
      RawClient main = broker.accept();
      byte[] introduction = main.readFrame(Rig.LIMIT);
      answer(main, Frames.API_VERSIONS, 3, introduction);
      RawClient link = other.accept();
      expectIntroduction(link.readFrame(Rig.LIMIT));
      assertThat(Frames.apiKey(link.readFrame(Rig.LIMIT))).isEqualTo(Frames.PRODUCE);

      link.close();
      client.sendFrame(question());

      assertThat(main.readFrame(Rig.LIMIT)).isEqualTo(question());
      main.sendFrame(ANSWER);
      assertThat(client.readFrame(Rig.LIMIT)).isEqualTo(ANSWER);
    }
  }

  private static Steps produceTo(RawBroker other) {
    return new Steps() {
      @Override
      public @Nullable RequestStep request(int apiKey, int version) {
        return apiKey == Frames.PRODUCE ? (_, _) -> Decision.Forward.to(other.address()) : null;
      }
    };
  }

  @Test
  void theGatewaysLoginUsesTheClientsId() throws Exception {
    Access access =
        Access.PLAINTEXT.with(
            new Accounts(
                null,
                Map.of(User.named("alice"), Logins.password("PLAIN", "a", new Secret("s"))),
                true));
    try (RawClient client = connect(access)) {
      assertThat(tell(client, "apache-kafka-java", "4.3.1")).isZero();
      assertThat(RawSasl.plain(client, "alice", "any")).isZero();
      client.sendFrame(question());

      RawClient link = broker.accept();
      for (int api : new int[] {RawSasl.HANDSHAKE, RawSasl.AUTHENTICATE}) {
        byte[] request = link.readFrame(Rig.LIMIT);
        assertThat(Frames.apiKey(request)).isEqualTo(api);
        assertThat(clientId(request)).isEqualTo(CLIENT);
        answer(link, api, 1, request);
      }
      expectIntroduction(link.readFrame(Rig.LIMIT));
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(question());
    }
  }

  @ParameterizedTest
  @CsvSource({"'', 1", "name, ''", "-x, 1", "x, 1-", "a b, 1", "x, 'v\n1'", "é, 1"})
  void invalidSoftwareNamesAreRefusedAsByBrokers(String name, String version) throws Exception {
    try (RawClient client = connect(Access.PLAINTEXT)) {
      assertThat(tell(client, name, version)).isEqualTo(INVALID_REQUEST);
      assertThat(RawSasl.plain(client, "alice", "any")).isZero();
      client.sendFrame(question());

      assertThat(broker.accept().readFrame(Rig.LIMIT)).isEqualTo(question());
    }
  }

  @Test
  void nothingIsSentForAClientWithoutSoftwareName() throws Exception {
    try (RawClient client = connect(Access.PLAINTEXT)) {
      assertThat(RawSasl.plain(client, "alice", "any")).isZero();
      client.sendFrame(question());

      assertThat(broker.accept().readFrame(Rig.LIMIT)).isEqualTo(question());
    }
  }

  /** The brokers' range is known from the gateway's own request (here: 0 to 1). */
  @Test
  void anUnknownApiVersionsVersionIsAnsweredWithTheBrokersRange() throws Exception {
    try (RawClient client = connect(Access.PLAINTEXT)) {
      client.sendFrame(Frames.request(Frames.API_VERSIONS, 99, 5, new byte[] {0, 1, 1, 0}));

      Struct answer = Frames.readResponse(Frames.API_VERSIONS, 0, client.readFrame(Rig.LIMIT));

      assertThat(answer.getInt("ErrorCode")).isEqualTo(35);
      assertThat(answer.getStructs("ApiKeys"))
          .singleElement()
          .satisfies(range -> assertThat(range.getInt("MaxVersion")).isEqualTo(1));
    }
  }
}
