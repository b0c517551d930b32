package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Scripts;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.ResponseStep;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.wire.tree.Struct;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An invalid response of a broker closes its connection and the client's. */
class InvalidResponsesTest {

  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private static final byte[] REQUEST = Frames.request(Frames.UNKNOWN, 0, 77, new byte[9]);

  /** Lets the broker answer the request with these bytes. */
  private static void expectEnd(byte[] request, byte[] answer) throws Exception {
    expectEnd(request, answer, CloseReason.MALFORMED_RESPONSE);
  }

  private static void expectEnd(byte[] request, byte[] answer, CloseReason reason)
      throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request);
      var _ = pair.link().readFrame(Rig.LIMIT);

      pair.link().send(answer);

      pair.client().expectClosed(AT_ONCE);
      pair.link().expectClosed(AT_ONCE);
      rig.awaitEnds(reason, 1);
      log.await(reason.text());
      assertThat(rig.gateway().metrics().inFlight()).isZero();
    }
  }

  @Test
  void aWrongCorrelationId() throws Exception {
    expectEnd(REQUEST, Frames.framed(Frames.response(78, new byte[30])));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 3, Integer.MIN_VALUE})
  void anImpossibleLength(int length) throws Exception {
    expectEnd(REQUEST, ByteBuffer.allocate(8).putInt(length).putInt(77).array());
  }

  @Test
  void aResponseWithoutARequest() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();

      pair.link().sendFrame(Frames.response(0, new byte[5]));

      pair.client().expectClosed(AT_ONCE);
      pair.link().expectClosed(AT_ONCE);
      rig.awaitEnds(CloseReason.MALFORMED_RESPONSE, 1);
    }
  }

  @Test
  void aSurplusResponseAfterAValidOne() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(REQUEST);
      var _ = pair.link().readFrame(Rig.LIMIT);
      byte[] good = Frames.response(77, new byte[5]);

      pair.link().send(Frames.framed(good, Frames.response(78, new byte[5])));

      // The valid response may or may not arrive; nothing else may.
      try {
        assertThat(pair.client().readFrame(AT_ONCE)).isEqualTo(good);
        pair.client().expectClosed(AT_ONCE);
      } catch (EOFException e) {
        assertThat(e).hasMessageContaining("after 0 of 4 bytes");
      }
      rig.awaitEnds(CloseReason.MALFORMED_RESPONSE, 1);
    }
  }

  /** The frame ends at any position within the brokers' addresses. */
  @Test
  void aTruncatedMetadataResponse() throws Exception {
    byte[] whole =
        Scripts.metadata(9, 77, Map.of(1, new HostPort("one", 9092), 2, new HostPort("two", 9092)));
    int addresses = 4 + 1 + 4 + 1 + 2 * (4 + 4 + 4 + 1 + 1);
    assertThat(whole).hasSizeGreaterThan(addresses);
    try (Rig rig = Rig.start()) {
      for (int length = 4; length < addresses - 2; length++) {
        Rig.Pair pair = rig.open();
        pair.client().sendFrame(metadataRequest());
        var _ = pair.link().readFrame(Rig.LIMIT);

        pair.link().sendFrame(Arrays.copyOf(whole, length));

        pair.client().expectClosed(AT_ONCE);
        pair.link().expectClosed(AT_ONCE);
        rig.awaitEnds(CloseReason.MALFORMED_RESPONSE, length - 3);
      }
    }
  }

  /** Brokers are learned only after a response was read without an error. */
  @Test
  void aBrokerInATruncatedMetadataResponseIsNotLearned() throws Exception {
    byte[] whole = Scripts.metadata(9, 77, Map.of(5, new HostPort("five", 9092)));
    int behindPort = 4 + 1 + 4 + 1 + (4 + 1 + 4 + 4);
    try (LogLines log = LogLines.of("io.gatehouse.gateway.cluster.Cluster")) {
      expectEnd(metadataRequest(), Frames.framed(Arrays.copyOf(whole, behindPort)));
      assertThat(log.lines()).noneMatch(line -> line.contains("broker 5"));
    }
  }

  @Test
  void aTruncatedMetadataResponseBeforeAnotherResponse() throws Exception {
    byte[] whole = Scripts.metadata(9, 77, Map.of(1, new HostPort("one", 9092)));
    byte[] cut = Arrays.copyOf(whole, 14);
    expectEnd(metadataRequest(), Frames.framed(cut, Frames.response(78, new byte[10])));
  }

  @Test
  void aMetadataResponseOfRandomBytes() throws Exception {
    byte[] noise = Seed.bytes(Seed.random("noise"), 500);
    noise[0] = 0; // no tagged fields in the header
    Arrays.fill(noise, 1, 10, (byte) 0xff);
    expectEnd(metadataRequest(), Frames.framed(Frames.response(77, noise)));
  }

  @Test
  void anApiVersionsResponseOfRandomBytes() throws Exception {
    byte[] noise = new byte[300];
    Arrays.fill(noise, 2, 300, (byte) 0xee);
    expectEnd(
        Frames.request(Frames.API_VERSIONS, 0, 77, new byte[0]),
        Frames.framed(Frames.response(77, noise)));
  }

  /** The brokers alone are too much for an answer: see ShortenedResponsesTest for less. */
  @Test
  void aResponseThatIsTooLargeAndCannotBeShortened() throws Exception {
    byte[] large = metadata(12, 17 << 20);
    expectEnd(
        metadataRequest(12),
        Arrays.copyOf(Frames.framed(large), 16 << 20),
        CloseReason.RESPONSE_TOO_LARGE);
  }

  @ParameterizedTest
  @CsvSource({"3, 13", "18, 0", "60, 1"}) // Metadata, ApiVersions, DescribeCluster
  void aResponseThatIsTooLargeIsAnErrorWhereThatCanBeTold(int apiKey, int version)
      throws Exception {
    byte[] large =
        apiKey == Frames.API_VERSIONS
            ? Frames.response(77, new byte[17 << 20])
            : naming(apiKey, version, 17 << 20);
    expectError(
        new Setup(),
        Frames.request(apiKey, version, 77, Frames.newRequest(apiKey, version)),
        large,
        RefusalReason.RESPONSE_TOO_LARGE);
  }

  @Test
  void aResponseForWhichThereIsNoMemoryIsAnErrorToTryAgain() throws Exception {
    expectError(
        new Setup().buffered(1 << 20, 512 << 20),
        metadataRequest(13),
        metadata(13, 3 << 20),
        RefusalReason.MEMORY_SPENT);
  }

  @Test
  void soIsOneThatAStepShouldSeeWhole() throws Exception {
    Steps steps =
        new Steps() {
          @Override
          public @Nullable ResponseStep response(int apiKey, int version) {
            return apiKey == Frames.METADATA ? (_, _) -> Decision.FORWARD : null;
          }
        };
    expectError(
        new Setup().steps(steps),
        metadataRequest(13),
        metadata(13, 17 << 20),
        RefusalReason.RESPONSE_TOO_LARGE);
  }

  /** The client is told so, the response is not held, and the connection goes on. */
  private static void expectError(Setup setup, byte[] request, byte[] large, RefusalReason reason)
      throws Exception {
    int apiKey = Frames.apiKey(request);
    int version = Frames.version(request);
    try (Rig rig = setup.start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request);
      pair.client().sendFrame(REQUEST);
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request);
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(REQUEST);
      byte[] next = Frames.response(77, new byte[5]);
      var sending = Task.start(() -> pair.link().send(Frames.framed(large, next)));

      byte[] frame = pair.client().readFrame(Rig.LIMIT);

      assertThat(Frames.responseCorrelationId(frame)).isEqualTo(77);
      assertThat(Frames.readResponse(apiKey, version, frame).getInt("ErrorCode"))
          .isEqualTo(reason.code(apiKey).number());
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(next);
      sending.join();
      assertThat(rig.figures().value("gatehouse_buffered_bytes")).isLessThan(1 << 20);
      assertThat(
              rig.figures()
                  .value(
                      "gatehouse_refused_requests",
                      "reason",
                      reason.name().toLowerCase(Locale.ROOT)))
          .isEqualTo(1);
      pair.exchange(REQUEST, Frames.response(77, new byte[6]));
    }
  }

  private static byte[] metadata(int version, int bytes) {
    return naming(Frames.METADATA, version, bytes);
  }

  /** A response that names so many brokers that it takes these bytes. */
  private static byte[] naming(int apiKey, int version, int bytes) {
    Struct response = Frames.newResponse(apiKey, version);
    String rack = "r".repeat(30_000);
    for (int i = 0; i < bytes / rack.length(); i++) {
      response
          .addStruct("Brokers")
          .setIfPresent("NodeId", i)
          .setIfPresent("BrokerId", i)
          .set("Host", "h")
          .set("Port", 9092)
          .set("Rack", rack);
    }
    return Frames.response(apiKey, version, 77, response);
  }

  private static byte[] metadataRequest(int version) {
    return Frames.request(
        Frames.METADATA,
        version,
        77,
        Frames.newRequest(Frames.METADATA, version).set("Topics", null));
  }

  private static byte[] metadataRequest() {
    return metadataRequest(9);
  }
}
