package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.kafka.Logins;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.auth.sasl.scram.ScramMechanism;
import io.gatehouse.auth.sasl.token.JwksSettings;
import io.gatehouse.auth.sasl.token.JwksVerifier;
import io.gatehouse.auth.sasl.token.OauthBearerMechanism;
import io.gatehouse.auth.sasl.token.TokenRules;
import io.gatehouse.auth.sasl.users.UserFile;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.oidc.TokenOrder;
import io.gatehouse.testkit.oidc.TokenServer;
import io.gatehouse.wire.tree.Struct;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attacks are refused, reach no broker, and are logged and counted. */
class AttackersTest {

  private static final int REFUSED = 58;
  private static final int WRONG_STATE = 34;
  private static final String X = "x";

  @TempDir static Path folder;

  private static TokenServer idp;
  private static Entry entry;

  private final Echo echo = new Echo();
  private LogLines log;
  private SecuredGateway secured;

  @BeforeAll
  static void prepare() throws Exception {
    idp = TokenServer.start();
    Path users = folder.resolve("users");
    Files.writeString(
        users,
        "alice:{plain}alice-secret\nalice:SCRAM-SHA-256=[%s]\n"
            .formatted(ScramCredential.of(ScramHash.SHA_256, "alice-secret", 4096).toText()));
    UserFile file = new UserFile(users);
    entry =
        Entry.OPEN.with(
            FixedSource.sasl(
                List.of(
                    new PlainMechanism(file),
                    new ScramMechanism(ScramHash.SHA_256, file),
                    new OauthBearerMechanism(
                        new JwksVerifier(
                            JwksSettings.of(URI.create(idp.jwksUrl())),
                            TokenRules.of(idp.issuer(), Set.of("kafka"))))),
                Duration.ZERO));
  }

  @AfterAll
  static void end() {
    idp.close();
  }

  @BeforeEach
  void start() throws Exception {
    log = LogLines.ofConnections();
    secured =
        SecuredGateway.of(echo.asked())
            .listener(X, entry)
            .setup(new Setup().requestTimeout(Duration.ofSeconds(2), Duration.ofSeconds(2)))
            .start();
    FakeCluster.awaitKnown(secured.gateway());
  }

  @AfterEach
  void stop() {
    secured.close();
    echo.close();
    log.close();
  }

  /** Connects to the port of the broker that counts connections. */
  private RawClient connect() throws IOException {
    return RawClient.connect("127.0.0.1", secured.brokerPort(X));
  }

  /** Five lines per reason and ten seconds are logged; a slow test may span two intervals. */
  private static final int MAX_LINES = 10;

  private void expectRefused(CloseReason reason, int count) {
    secured.awaitEnds(reason, count);
    log.await(reason.text()); // the metric is counted before the line is written
    assertThat(echo.connections()).as("connections to the broker").isZero();
    assertThat(log.lines())
        .filteredOn(line -> line.startsWith("WARN"))
        .hasSizeBetween(Math.min(count, 5), MAX_LINES)
        .allMatch(line -> line.contains(reason.text()));
  }

  // ---- passwords --------------------------------------------------------------------------------

  @Test
  void aWrongPasswordAndAnUnknownUserGetTheSameResponse() throws Exception {
    List<byte[]> answers = new ArrayList<>();
    for (String user : List.of("alice", "nobody")) {
      try (RawClient client = connect()) {
        assertThat(RawSasl.handshake(client, "PLAIN")).isZero();
        RawSasl.sendToken(client, RawSasl.plainToken(user, "wrong"));
        answers.add(client.readFrame(Rig.LIMIT));
        client.expectClosed(Rig.LIMIT);
      }
    }
    assertThat(answers.get(0)).isEqualTo(answers.get(1));
    assertThat(secured.authentications(X, "PLAIN", "bad_credentials")).isEqualTo(2);
    expectRefused(CloseReason.AUTHENTICATION_FAILED, 2);
  }

  @Test
  void scramDoesNotRevealWhichUsersExist() throws Exception {
    List<byte[]> answers = new ArrayList<>();
    List<String> challenges = new ArrayList<>();
    for (String user : List.of("alice", "nobody", "nobody")) {
      try (RawClient client = connect();
          Login login =
              Logins.of(Logins.password("SCRAM-SHA-256", user, new Secret("wrong")).properties());
          LoginExchange exchange = login.begin("localhost")) {
        assertThat(RawSasl.handshake(client, "SCRAM-SHA-256")).isZero();
        byte[] challenge = RawSasl.token(client, exchange.first()).getBytes("AuthBytes");
        String text = new String(challenge, StandardCharsets.UTF_8);
        assertThat(text).contains(",i=4096");
        challenges.add(text.substring(text.indexOf(",s=")));
        byte[] proof = exchange.next(challenge);
        RawSasl.sendToken(client, proof == null ? new byte[0] : proof);
        answers.add(client.readFrame(Rig.LIMIT));
        client.expectClosed(Rig.LIMIT);
      }
    }
    assertThat(answers.get(0)).isEqualTo(answers.get(1));
    assertThat(challenges.get(1)).as("salt of an unknown user").isEqualTo(challenges.get(2));
    assertThat(challenges.get(0)).hasSameSizeAs(challenges.get(1));
    expectRefused(CloseReason.AUTHENTICATION_FAILED, 3);
  }

  @Test
  void aReplayedScramLoginIsRefused() throws Exception {
    List<byte[]> recorded = new ArrayList<>();
    try (RawClient client = connect();
        Login login =
            Logins.of(
                Logins.password("SCRAM-SHA-256", "alice", new Secret("alice-secret"))
                    .properties());
        LoginExchange exchange = login.begin("localhost")) {
      assertThat(RawSasl.handshake(client, "SCRAM-SHA-256")).isZero();
      recorded.add(exchange.first());
      byte[] challenge = RawSasl.token(client, recorded.getFirst()).getBytes("AuthBytes");
      byte[] proof = exchange.next(challenge);
      assertThat(proof).isNotNull();
      recorded.add(proof);
      assertThat(RawSasl.token(client, proof).getInt("ErrorCode")).isZero();
    }
    try (RawClient client = connect()) {
      assertThat(RawSasl.handshake(client, "SCRAM-SHA-256")).isZero();
      assertThat(RawSasl.token(client, recorded.get(0)).getInt("ErrorCode")).isZero();
      assertThat(RawSasl.token(client, recorded.get(1)).getInt("ErrorCode")).isEqualTo(REFUSED);
      client.expectClosed(Rig.LIMIT);
    }
    expectRefused(CloseReason.AUTHENTICATION_FAILED, 1);
  }

  // ---- tokens -----------------------------------------------------------------------------------

  static Stream<Arguments> tokens() {
    Map<String, Function<TokenServer, String>> all = new LinkedHashMap<>();
    all.put("expired", server -> server.token("alice").expired().sign());
    all.put("not yet valid", server -> server.token("alice").notYetValid().sign());
    all.put("for another", server -> server.token("alice").audience("other").sign());
    all.put("of another", server -> server.token("alice").issuer("https://evil").sign());
    all.put("of nobody", server -> server.token("alice").without("sub").sign());
    all.put("without end", server -> server.token("alice").without("exp").sign());
    all.put("alg none", server -> unsigned(server.token("alice")));
    all.put("key confusion", server -> server.token("alice").signByConfusion());
    all.put("stranger's key", server -> server.token("alice").signByStranger());
    all.put("unknown key", server -> server.token("alice").signByUnknownKey());
    all.put("changed", server -> changed(server.token("alice").sign()));
    all.put("no token", _ -> "x");
    all.put("empty parts", _ -> "..");
    return all.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  private static String unsigned(TokenOrder order) {
    return order.unsigned();
  }

  private static String changed(String token) {
    int signature = token.lastIndexOf('.') + 1;
    char first = token.charAt(signature);
    return token.substring(0, signature)
        + (first == 'A' ? 'B' : 'A')
        + token.substring(signature + 1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tokens")
  void anInvalidTokenIsRefused(String what, Function<TokenServer, String> token) throws Exception {
    try (RawClient client = connect()) {
      assertThat(RawSasl.handshake(client, "OAUTHBEARER")).isZero();
      Struct answer =
          RawSasl.token(
              client,
              ("n,,\1auth=Bearer " + token.apply(idp) + "\1\1").getBytes(StandardCharsets.UTF_8));
      if (answer.getInt("ErrorCode")
          == 0) { // RFC 7628 §3.2.2: the error as a challenge, then the refusal
        assertThat(new String(answer.getBytes("AuthBytes"), StandardCharsets.UTF_8))
            .contains("\"status\":\"invalid_token\"");
        answer = RawSasl.token(client, new byte[] {1});
      }
      assertThat(answer.getInt("ErrorCode")).as(what).isEqualTo(REFUSED);
      client.expectClosed(Rig.LIMIT);
    }
    assertThat(secured.authentications(X, "OAUTHBEARER", "success")).isZero();
    expectRefused(CloseReason.AUTHENTICATION_FAILED, 1);
  }

  @Test
  void theUnchangedTokenIsAccepted() throws Exception {
    try (RawClient client = connect()) {
      assertThat(RawSasl.handshake(client, "OAUTHBEARER")).isZero();
      assertThat(
              RawSasl.token(
                      client,
                      ("n,,\1auth=Bearer " + idp.token("alice").sign() + "\1\1")
                          .getBytes(StandardCharsets.UTF_8))
                  .getInt("ErrorCode"))
          .isZero();
      SecuredGateway.exchange(client);
    }
  }

  // ---- the order of requests --------------------------------------------------------------------

  @Test
  void aTokenBeforeTheHandshakeIsRefused() throws Exception {
    try (RawClient client = connect()) {
      Struct answer = RawSasl.token(client, RawSasl.plainToken("alice", "alice-secret"));
      assertThat(answer.getInt("ErrorCode")).isEqualTo(WRONG_STATE);
      client.expectClosed(Rig.LIMIT);
    }
    expectRefused(CloseReason.AUTHENTICATION_FAILED, 1);
  }

  static Stream<Arguments> requests() {
    return Stream.of(
        Arguments.of(
            "metadata", Frames.request(Frames.METADATA, 1, 1, new byte[] {-1, -1, -1, -1})),
        Arguments.of("produce", Frames.request(Frames.PRODUCE, 7, 1, new byte[200_000])),
        Arguments.of("a large produce", Frames.request(Frames.PRODUCE, 7, 1, new byte[5 << 20])),
        Arguments.of("an unknown api", Frames.request(Frames.UNKNOWN, 0, 1, new byte[9])));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void requestsBeforeTheLoginAreRefused(String what, byte[] request) throws Exception {
    try (RawClient client = connect()) {
      try {
        client.sendFrame(request);
      } catch (IOException e) {
        // closed while it was still sending
      }
      client.expectClosed(Rig.LIMIT);
    }
    expectRefused(CloseReason.NOT_AUTHENTICATED, 1);
    assertThat(what).isNotEmpty();
  }

  @Test
  void requestsBetweenHandshakeAndTokenAreRefused() throws Exception {
    try (RawClient client = connect()) {
      assertThat(RawSasl.handshake(client, "PLAIN")).isZero();
      client.sendFrame(Frames.request(Frames.METADATA, 1, 1, new byte[] {-1, -1, -1, -1}));
      client.expectClosed(Rig.LIMIT);
    }
    expectRefused(CloseReason.NOT_AUTHENTICATED, 1);
  }

  @Test
  void aRequestPipelinedAfterAWrongPasswordIsNotForwarded() throws Exception {
    try (RawClient client = connect()) {
      assertThat(RawSasl.handshake(client, "PLAIN")).isZero();
      RawSasl.sendToken(client, RawSasl.plainToken("alice", "wrong"));
      client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 1, new byte[9]));
      Struct answer = Frames.readResponse(RawSasl.AUTHENTICATE, 1, client.readFrame(Rig.LIMIT));
      assertThat(answer.getInt("ErrorCode")).isEqualTo(REFUSED);
      client.expectClosed(Rig.LIMIT);
    }
    expectRefused(CloseReason.AUTHENTICATION_FAILED, 1);
  }

  // ---- bytes ------------------------------------------------------------------------------------

  @Test
  void largeFramesBeforeTheLoginAreRefusedAtTheirHeaders() throws Exception {
    for (int api : new int[] {RawSasl.AUTHENTICATE, RawSasl.HANDSHAKE, Frames.API_VERSIONS}) {
      try (RawClient client = connect()) {
        client.send(
            ByteBuffer.allocate(14)
                .putInt(90 << 20)
                .putShort((short) api)
                .putShort((short) 1)
                .putInt(1)
                .putShort((short) 0)
                .array());
        client.expectClosed(Rig.LIMIT);
      }
    }
    expectRefused(CloseReason.FRAME_TOO_LARGE, 3);
  }

  static Stream<Arguments> cutRequests() {
    byte[] whole =
        Frames.request(
            RawSasl.AUTHENTICATE,
            1,
            1,
            Frames.newRequest(RawSasl.AUTHENTICATE, 1)
                .set("AuthBytes", RawSasl.plainToken("alice", "alice-secret")));
    byte[] claiming = whole.clone();
    ByteBuffer.wrap(claiming).putInt(whole.length - 4 - 25, 1 << 30);
    return Stream.of(
        Arguments.of("cut", java.util.Arrays.copyOf(whole, whole.length - 5)),
        Arguments.of("head only", java.util.Arrays.copyOf(whole, 8)),
        Arguments.of("bytes of another length", claiming),
        Arguments.of("bytes of a negative length", withLength(whole, -2)),
        Arguments.of(
            "an unknown version", ByteBuffer.wrap(whole.clone()).putShort(2, (short) 99).array()));
  }

  private static byte[] withLength(byte[] whole, int length) {
    byte[] changed = whole.clone();
    ByteBuffer.wrap(changed).putInt(whole.length - 4 - 19, length);
    return changed;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cutRequests")
  void malformedSaslRequestsCloseTheConnection(String what, byte[] request) throws Exception {
    try (RawClient client = connect()) {
      assertThat(RawSasl.handshake(client, "PLAIN")).isZero();
      client.sendFrame(request);
      client.expectClosed(Rig.LIMIT);
    }
    expectRefused(
        what.endsWith("version") ? CloseReason.UNSUPPORTED_VERSION : CloseReason.MALFORMED_REQUEST,
        1);
  }

  @Test
  void malformedTokensAreRefused() throws Exception {
    int count = 0;
    for (byte[] token :
        List.of(
            new byte[0],
            new byte[] {0},
            new byte[] {0, 0, 0, 0},
            "alice-secret".getBytes(StandardCharsets.UTF_8),
            "root\0alice\0alice-secret".getBytes(StandardCharsets.UTF_8),
            new byte[100_000])) {
      try (RawClient client = connect()) {
        assertThat(RawSasl.handshake(client, "PLAIN")).isZero();
        assertThat(RawSasl.token(client, token).getInt("ErrorCode")).isEqualTo(REFUSED);
        client.expectClosed(Rig.LIMIT);
        count++;
      }
    }
    expectRefused(CloseReason.AUTHENTICATION_FAILED, count);
  }

  @Test
  void namesCannotForgeLogLines() throws Exception {
    try (RawClient client = connect()) {
      assertThat(RawSasl.plain(client, "eve\r\nWARN forged", "x")).isEqualTo(REFUSED);
    }
    try (RawClient client = connect()) {
      assertThat(RawSasl.handshake(client, "PLAIN\r\nforged")).isEqualTo(33);
    }
    expectRefused(CloseReason.AUTHENTICATION_FAILED, 2);
    assertThat(log.lines()).noneMatch(line -> line.contains("\n") || line.contains("\r"));
  }

  // ---- slow ones --------------------------------------------------------------------------------

  @Test
  void incompleteLoginsTimeOut() throws Exception {
    List<RawClient> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 30; i++) {
        RawClient client = connect();
        slow.add(client);
        if (i % 3 > 0) {
          assertThat(RawSasl.handshake(client, "PLAIN")).isZero();
        }
        if (i % 3 > 1) {
          client.send((byte) 0, (byte) 0, (byte) 0, (byte) 40, (byte) 0, (byte) 36);
        }
      }
      for (RawClient client : slow) {
        client.expectClosed(Rig.LIMIT);
      }
      expectRefused(CloseReason.FIRST_REQUEST_TIMEOUT, 30);
    } finally {
      for (RawClient client : slow) {
        client.close();
      }
    }
  }

  // ---- raw tokens (SaslHandshake v0) ------------------------------------------------------------

  @Test
  void rawTokensAreVerifiedToo() throws Exception {
    try (RawClient client = connect()) {
      assertThat(RawSasl.handshake(client, 0, "PLAIN")).isZero();
      client.sendFrame(RawSasl.plainToken("alice", "alice-secret"));
      assertThat(client.readFrame(Rig.LIMIT)).isEmpty();
      SecuredGateway.exchange(client);
    }
    try (RawClient client = connect()) {
      assertThat(RawSasl.handshake(client, 0, "PLAIN")).isZero();
      client.sendFrame(RawSasl.plainToken("alice", "wrong"));
      client.expectClosed(Rig.LIMIT);
    }
    try (RawClient client = connect()) {
      assertThat(RawSasl.handshake(client, 0, "PLAIN")).isZero();
      client.send(ByteBuffer.allocate(4).putInt(80 << 20).array());
      client.expectClosed(Rig.LIMIT);
    }
    secured.awaitEnds(CloseReason.AUTHENTICATION_FAILED, 1);
    assertThat(echo.connections()).isEqualTo(1);
  }
}
