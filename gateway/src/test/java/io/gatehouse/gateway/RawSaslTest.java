package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Chunks;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.wire.tree.Struct;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** After SaslHandshake v0, raw tokens without Kafka headers are sent until the exchange ends. */
class RawSaslTest {

  /** Tokens of one authentication: the client's and the broker's alternate. */
  record Dialogue(String mechanism, List<byte[]> tokens) {
    static Dialogue of(String mechanism, byte[]... tokens) {
      return new Dialogue(mechanism, List.of(tokens));
    }

    @Override
    public String toString() {
      return mechanism + " " + tokens.size();
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  static Stream<Dialogue> dialogues() {
    byte[] apReq = ByteBuffer.allocate(900).put(hex("6082037e06092a864886f712010202")).array();
    byte[] apRep = ByteBuffer.allocate(180).put(hex("60819906092a864886f712010202")).array();
    byte[] wrapped = ByteBuffer.allocate(64).put(hex("050400ff000c0000")).array();
    return Stream.of(
        Dialogue.of("PLAIN", text("\0alice\0secret"), new byte[0]),
        // Read as a request header these names would be API keys 48, 65 and 0.
        Dialogue.of("PLAIN", text("\0" + "0\0secret"), new byte[0]),
        Dialogue.of("PLAIN", text("\0Admin\0secret"), new byte[0]),
        Dialogue.of("PLAIN", text("\0\0secret123"), new byte[0]),
        Dialogue.of("PLAIN", text("a\0b\0c"), new byte[0]),
        Dialogue.of("PLAIN", new byte[] {0}, new byte[0]),
        Dialogue.of(
            "SCRAM-SHA-256",
            text("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"),
            text("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEs=,i=4096"),
            text("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+"),
            text("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")),
        Dialogue.of("GSSAPI", apReq, apRep, new byte[0], wrapped, wrapped, new byte[0]));
  }

  @ParameterizedTest
  @MethodSource("dialogues")
  void rawTokensAreRelayedAndRequestsFollow(Dialogue dialogue) throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.exchange(handshake(1, dialogue.mechanism), accepted(1, 0));
      for (int i = 0; i < dialogue.tokens.size(); i += 2) {
        pair.exchange(dialogue.tokens.get(i), dialogue.tokens.get(i + 1));
      }
      Struct topics = Frames.newRequest(Frames.METADATA, 9).set("Topics", null);
      pair.exchange(
          Frames.request(Frames.METADATA, 9, 2, topics),
          Frames.response(Frames.METADATA, 9, 2, Frames.newResponse(Frames.METADATA, 9)));
      pair.exchange(
          Frames.request(Frames.UNKNOWN, 3, 3, new byte[20]), Frames.response(3, new byte[7]));
      assertThat(rig.gateway().metrics().inFlight()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("dialogues")
  void rawTokensAreRelayedByteByByte(Dialogue dialogue) throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.exchange(handshake(1, dialogue.mechanism), accepted(1, 0));
      for (int i = 0; i < dialogue.tokens.size(); i += 2) {
        Chunks.trickle(pair.client(), Frames.framed(dialogue.tokens.get(i)));
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(dialogue.tokens.get(i));
        Chunks.trickle(pair.link(), Frames.framed(dialogue.tokens.get(i + 1)));
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(dialogue.tokens.get(i + 1));
      }
    }
  }

  @Test
  void afterARefusedHandshakeOnlyRequestsFollow() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.exchange(handshake(1, "NOPE"), accepted(1, 33));

      pair.client().sendFrame(new byte[] {0, 1, 2});

      pair.client().expectClosed(Duration.ofSeconds(1));
      pair.link().expectClosed(Duration.ofSeconds(1));
      rig.awaitEnds(CloseReason.NOT_KAFKA, 1);
    }
  }

  @Test
  void afterHandshakeVersionOneOnlyRequestsFollow() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      Struct mechanism = Frames.newRequest(Frames.SASL_HANDSHAKE, 1).set("Mechanism", "PLAIN");
      pair.exchange(
          Frames.request(Frames.SASL_HANDSHAKE, 1, 1, mechanism),
          Frames.response(
              Frames.SASL_HANDSHAKE, 1, 1, Frames.newResponse(Frames.SASL_HANDSHAKE, 1)));
      Struct token =
          Frames.newRequest(36, 2).set("AuthBytes", Seed.bytes(Seed.random("token"), 50));
      pair.exchange(
          Frames.request(36, 2, 2, token), Frames.response(36, 2, 2, Frames.newResponse(36, 2)));

      pair.client().sendFrame(new byte[] {0, 1, 2});

      pair.client().expectClosed(Duration.ofSeconds(1));
      rig.awaitEnds(CloseReason.NOT_KAFKA, 1);
    }
  }

  /**
   * Requests wait for the response to a long token although it is not parsed: otherwise the
   * broker's success could be taken for another token sent right after it.
   */
  @Test
  void requestsBehindALongTokenWaitForItsResponse() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      Struct mechanism = Frames.newRequest(Frames.SASL_HANDSHAKE, 1).set("Mechanism", "PLAIN");
      pair.exchange(
          Frames.request(Frames.SASL_HANDSHAKE, 1, 1, mechanism),
          Frames.response(
              Frames.SASL_HANDSHAKE, 1, 1, Frames.newResponse(Frames.SASL_HANDSHAKE, 1)));
      byte[] own = token(2, "\0bob\0" + "x".repeat(40_000));
      byte[] another = token(3, "\0dora\0no idea");

      pair.client().send(Frames.framed(own, another));

      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(own);
      pair.link().expectSilence(Duration.ofMillis(300));
      pair.link().sendFrame(Frames.response(36, 2, 2, Frames.newResponse(36, 2)));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(another);
      pair.link()
          .sendFrame(Frames.response(36, 2, 3, Frames.newResponse(36, 2).set("ErrorCode", 34)));
      pair.client().sendFrame(Frames.request(Frames.UNKNOWN, 3, 4, new byte[20]));
      var _ = pair.link().readFrame(Rig.LIMIT);
      pair.link().sendFrame(Frames.response(4, new byte[7]));
      for (int i = 0; i < 3; i++) {
        assertThat(pair.client().readFrame(Rig.LIMIT)).isNotEmpty();
      }
      pair.client().close();
      log.await("the client closed the connection");
      assertThat(log.lines()).noneMatch(line -> line.contains("dora"));
    }
  }

  private static byte[] token(int correlationId, String token) {
    return Frames.request(
        36, 2, correlationId, Frames.newRequest(36, 2).set("AuthBytes", text(token)));
  }

  private static byte[] handshake(int correlationId, String mechanism) {
    Struct body = Frames.newRequest(Frames.SASL_HANDSHAKE, 0).set("Mechanism", mechanism);
    return Frames.request(Frames.SASL_HANDSHAKE, 0, correlationId, body);
  }

  private static byte[] accepted(int correlationId, int error) {
    Struct body =
        Frames.newResponse(Frames.SASL_HANDSHAKE, 0)
            .set("ErrorCode", error)
            .set("Mechanisms", List.of("PLAIN", "SCRAM-SHA-256", "GSSAPI"));
    return Frames.response(Frames.SASL_HANDSHAKE, 0, correlationId, body);
  }
}
