package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.tree.Struct;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SASL tokens may be long, and the memory for tokens of unauthenticated clients is bounded. */
class LongTokensTest {

  private static final String X = "x";
  private static final String TICKET = "TICKET";
  private static final int MAX_TOKEN = 512 << 10;
  private static final String TOKEN_BYTES = "gatehouse_unverified_token_bytes";
  private static final int TOKENS = 100;

  /** The limit of all long tokens together, in bytes. */
  private static final int BUDGET = 16 << 20;

  private final Echo echo = new Echo();
  private final List<RawClient> unauthenticated = new ArrayList<>();
  private SecuredGateway secured;

  /** Accepts tokens that are complete: with equal first and last byte. */
  private static final class TicketMechanism implements SaslMechanism {
    @Override
    public String name() {
      return TICKET;
    }

    @Override
    public SaslExchange begin(Peer peer) {
      return new SaslExchange() {
        private @Nullable Outcome outcome;

        @Override
        public byte[] next(byte[] token) {
          assertThat(token[token.length - 1]).isEqualTo(token[0]);
          outcome = new Outcome(new Principal("holder of " + token.length, TICKET), null);
          return new byte[0];
        }

        @Override
        public @Nullable Outcome outcome() {
          return outcome;
        }
      };
    }
  }

  @BeforeEach
  void start() throws Exception {
    secured =
        SecuredGateway.of(echo.asked())
            .listener(
                X, Entry.OPEN.with(FixedSource.sasl(List.of(new TicketMechanism()), Duration.ZERO)))
            .start();
    FakeCluster.awaitKnown(secured.gateway());
  }

  @AfterEach
  void stop() throws IOException {
    closeUnauthenticated();
    secured.close();
    echo.close();
  }

  private RawClient connect() throws IOException {
    return RawClient.connect("127.0.0.1", secured.brokerPort(X));
  }

  /** Clients that announce a token of this length and send all but its end. */
  private void connectUnauthenticated(int count, int length) throws IOException {
    byte[] half =
        ByteBuffer.allocate(length)
            .putInt(length)
            .putShort((short) RawSasl.AUTHENTICATE)
            .putShort((short) 1)
            .array();
    for (int i = 0; i < count; i++) {
      RawClient client = connect();
      unauthenticated.add(client);
      Thread.ofVirtual()
          .start(() -> {
            try {
              client.send(half);
            } catch (IOException expected) {
              // it is not read from, and is closed with the test
            }
          });
    }
  }

  private void closeUnauthenticated() throws IOException {
    for (RawClient client : unauthenticated) {
      client.close();
    }
    unauthenticated.clear();
  }

  private static byte[] ticket(int length) {
    byte[] token = new byte[length];
    Arrays.fill(token, (byte) 7);
    return token;
  }

  private double ticks() {
    return secured.figures().value("gatehouse_event_loop_ticks");
  }

  private void awaitBudgetNearlyExhausted() {
    Await.until(
        () -> secured.figures().value(TOKEN_BYTES) + " bytes",
        () -> secured.figures().value(TOKEN_BYTES) > BUDGET * 3 / 4);
  }

  private static long reserved(long before) {
    return PlatformDependent.usedDirectMemory() - before;
  }

  @Test
  void unauthenticatedTokensStayWithinTheirBudget() throws Exception {
    long before = PlatformDependent.usedDirectMemory();
    connectUnauthenticated(TOKENS, MAX_TOKEN);
    awaitBudgetNearlyExhausted();

    double sinceThen = ticks();
    Await.until(() -> ticks() + " ticks", () -> ticks() > sinceThen + 4);
    assertThat(secured.gateway().metrics().openConnections()).isEqualTo(TOKENS);
    assertThat(reserved(before)).as("direct memory reserved").isLessThan(BUDGET + (8 << 20));
  }

  @Test
  void aLongTokenIsAcceptedFramedAndRaw() throws Exception {
    for (int length : new int[] {20 << 10, 64 << 10, 128 << 10, 500 << 10}) {
      try (RawClient client = connect()) {
        assertThat(RawSasl.handshake(client, TICKET)).isZero();
        assertThat(RawSasl.token(client, ticket(length)).getInt("ErrorCode")).isZero();
        SecuredGateway.exchange(client);
      }
      try (RawClient client = connect()) {
        assertThat(RawSasl.handshake(client, 0, TICKET)).isZero();
        client.sendFrame(ticket(length));
        assertThat(client.readFrame(Rig.LIMIT)).isEmpty();
        SecuredGateway.exchange(client);
      }
    }
  }

  @Test
  void aLongTokenWaitsForEarlierOnes() throws Exception {
    connectUnauthenticated(BUDGET / MAX_TOKEN - 1, MAX_TOKEN);
    connectUnauthenticated(1, MAX_TOKEN - (32 << 10));
    awaitBudgetNearlyExhausted();
    double sinceThen = ticks();
    Await.until(() -> ticks() + " ticks", () -> ticks() > sinceThen + 4);
    try (RawClient small = connect();
        RawClient large = connect()) {
      assertThat(RawSasl.handshake(large, TICKET)).isZero();
      RawSasl.sendToken(large, ticket(128 << 10));
      assertThat(RawSasl.handshake(small, TICKET)).isZero();
      assertThat(RawSasl.token(small, ticket(8 << 10)).getInt("ErrorCode")).isZero();
      large.expectSilence(Duration.ofMillis(500));

      closeUnauthenticated();

      Struct answer = Frames.readResponse(RawSasl.AUTHENTICATE, 1, large.readFrame(Rig.LIMIT));
      assertThat(answer.getInt("ErrorCode")).isZero();
      SecuredGateway.exchange(large);
    }
  }

  /** Each releases its bytes: together they exceed the budget. */
  @Test
  void aVerifiedTokenReleasesItsReservation() throws Exception {
    for (int i = 0; i < 40; i++) {
      RawClient stays = connect();
      unauthenticated.add(stays);
      assertThat(RawSasl.handshake(stays, TICKET)).isZero();
      assertThat(RawSasl.token(stays, ticket(500 << 10)).getInt("ErrorCode")).isZero();
      RawClient gone = connect();
      assertThat(RawSasl.handshake(gone, TICKET)).isZero();
      gone.send(
          Arrays.copyOf(
              Frames.framed(
                  Frames.request(
                      RawSasl.AUTHENTICATE,
                      1,
                      1,
                      Frames.newRequest(RawSasl.AUTHENTICATE, 1)
                          .set("AuthBytes", ticket(500 << 10)))),
              100 << 10));
      gone.reset();
    }
  }

  /** A forwarded token is streamed to the broker; the gateway does not parse it. */
  @Test
  void aForwardedLongTokenIsNotBuffered() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      byte[] request =
          Frames.request(
              RawSasl.AUTHENTICATE,
              1,
              1,
              Frames.newRequest(RawSasl.AUTHENTICATE, 1).set("AuthBytes", ticket(128 << 10)));
      byte[] framed = Frames.framed(request);
      pair.client().send(Arrays.copyOf(framed, 64 << 10));
      assertThat(pair.link().read(64 << 10, Rig.LIMIT)).isEqualTo(Arrays.copyOf(framed, 64 << 10));

      pair.client().send(Arrays.copyOfRange(framed, 64 << 10, framed.length));
      assertThat(pair.link().read(framed.length - (64 << 10), Rig.LIMIT))
          .isEqualTo(Arrays.copyOfRange(framed, 64 << 10, framed.length));
    }
  }

  /** They are buffered to be answered, so they are charged to the memory budget. */
  @Test
  void forbiddenRequestsTakeTurnsWithinTheMemoryLimit() throws Exception {
    byte[] framed = Frames.framed(Frames.produce(9, 5, -1, 900_000, Seed.random("large")));
    Setup setup = new Setup().eventLoops(1).buffered(3 << 19, 1 << 20).forbid(Frames.PRODUCE);
    try (Rig rig = setup.start()) {
      Rig.Pair first = rig.open();
      Rig.Pair second = rig.open();
      first.client().send(Arrays.copyOf(framed, framed.length - 1));
      RawClient last = rig.connect().send("GET /".getBytes(StandardCharsets.US_ASCII));
      assertThat(last.read(12, Rig.LIMIT)).asString().endsWith("400");
      second.client().send(framed);
      second.client().expectSilence(Duration.ofMillis(500));

      first.client().send(framed[framed.length - 1]);

      assertThat(Frames.responseCorrelationId(second.client().readFrame(Rig.LIMIT))).isEqualTo(5);
    }
  }
}
