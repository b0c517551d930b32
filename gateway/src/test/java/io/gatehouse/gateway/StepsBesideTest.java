package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.ErrorRefusal;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.gateway.plan.ResponseStep;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps beside what the gateway does with the same frames: acks of Produce, addresses. */
class StepsBesideTest {

  private static final String MEMORY = "gatehouse_buffered_bytes";
  private static final String SECRET = "secret";
  private static final int PRODUCE_VERSION = 11;
  private static final int METADATA_VERSION = 12;
  private static final int FORBIDDEN = RefusalReason.FORBIDDEN_API.code().number();

  // ---- Produce ----------------------------------------------------------------------------------

  private static final Steps NO_SECRETS =
      produce((_, frame) -> {
        ByteBuf in = frame.slice(4, frame.readableBytes() - 4);
        var _ = Headers.readRequest(in);
        Struct body =
            TreeReader.readWhole(Frames.requestLayout(Frames.PRODUCE, PRODUCE_VERSION), in);
        return body.getStructs("TopicData").stream()
                .anyMatch(topic -> topic.getString("Name").equals(SECRET))
            ? new Decision.Refuse(new ErrorRefusal(RefusalReason.FORBIDDEN_API, "is for others"))
            : Decision.FORWARD;
      });

  private static byte[] produce(String topic, int correlationId, int acks, int bytes) {
    Struct body =
        Frames.newRequest(Frames.PRODUCE, PRODUCE_VERSION)
            .set("Acks", (short) acks)
            .set("TimeoutMs", 1000);
    body.addStruct("TopicData")
        .set("Name", topic)
        .addStruct("PartitionData")
        .set("Index", 3)
        .set("Records", new byte[bytes]);
    return Frames.request(Frames.PRODUCE, PRODUCE_VERSION, correlationId, body);
  }

  private static byte[] produced(int correlationId) {
    return Frames.response(
        Frames.PRODUCE,
        PRODUCE_VERSION,
        correlationId,
        Frames.newResponse(Frames.PRODUCE, PRODUCE_VERSION));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void aRefusedProduceIsAnsweredByPartition(int acks) throws Exception {
    try (Rig rig = new Setup().steps(NO_SECRETS).start()) {
      Rig.Pair pair = rig.open();
      pair.exchange(produce("t", 1, acks, 100), produced(1));

      pair.client().sendFrame(produce(SECRET, 2, acks, 100));

      Struct answer =
          Frames.readResponse(Frames.PRODUCE, PRODUCE_VERSION, pair.client().readFrame(Rig.LIMIT));
      Struct topic = answer.getStructs("Responses").getFirst();
      assertThat(topic.getString("Name")).isEqualTo(SECRET);
      Struct partition = topic.getStructs("PartitionResponses").getFirst();
      assertThat(partition.getInt("Index")).isEqualTo(3);
      assertThat(partition.getInt("ErrorCode")).isEqualTo(FORBIDDEN);
      pair.exchange(produce("t", 3, acks, 100), produced(3));
    }
  }

  /** As at a broker: who wants no answer sees that the connection ends. */
  @Test
  void aRefusedProduceThatAsksForNoAnswerEndsTheConnectionBehindEarlierAnswers() throws Exception {
    try (Rig rig = new Setup().steps(NO_SECRETS).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(produce("t", 1, -1, 100));
      pair.client().sendFrame(produce(SECRET, 2, 0, 100));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(produce("t", 1, -1, 100));
      pair.link().expectSilence(Duration.ofMillis(200));

      pair.link().sendFrame(produced(1));

      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(produced(1));
      pair.client().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.REFUSED_WITHOUT_ANSWER, 1);
    }
  }

  @Test
  void forwardedProduceWithoutAcksTakesNoPlaceInTheRing() throws Exception {
    try (Rig rig = new Setup().inFlight(2).steps(NO_SECRETS).start()) {
      Rig.Pair pair = rig.open();
      for (int i = 0; i < 5; i++) {
        pair.client().sendFrame(produce("t", i, 0, 10));
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(produce("t", i, 0, 10));
      }
      pair.exchange(produce("t", 9, 1, 10), produced(9));
      assertThat(rig.gateway().metrics().inFlight()).isZero();
    }
  }

  @Test
  void theRuleAgainstAcksZeroHoldsBesideAStep() throws Exception {
    try (Rig rig = new Setup().forbidAcksZero().steps(NO_SECRETS).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(produce("t", 1, 0, 10));
      pair.client().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.ACKS_ZERO_FORBIDDEN, 1);
    }
  }

  @Test
  void aLargeProduceIsDecidedUponAsWell() throws Exception {
    try (Rig rig = new Setup().steps(NO_SECRETS).start()) {
      Rig.Pair pair = rig.open();
      pair.exchange(produce("t", 1, 1, 5 << 20), produced(1));
      assertThat(rig.gateway().metrics().inFlight()).isZero();
    }
  }

  @Test
  void aLargeProduceIsChargedUntilItsBrokerHasTakenIt() throws Exception {
    byte[] large = produce("t", 1, 1, 5 << 20);
    try (Rig rig =
        new Setup()
            .kernelBuffers(0, 8 << 10)
            .steps(NO_SECRETS)
            .start(RawBroker.withReceiveBuffer(8 << 10))) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(large);
      byte[] length = pair.link().read(4, Rig.LIMIT);
      assertThat(ByteBuffer.wrap(length).getInt()).isEqualTo(large.length);

      Await.until(
          () -> rig.figures().value(MEMORY) + " bytes are charged",
          () -> rig.figures().value(MEMORY) > 4 << 20);

      assertThat(pair.link().read(large.length, Rig.LIMIT)).isEqualTo(large);
      pair.link().sendFrame(produced(1));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(produced(1));
      Await.until(
          () -> rig.figures().value(MEMORY) + " bytes are charged",
          () -> rig.figures().value(MEMORY) < 1 << 20);
    }
  }

  @Test
  void oneThatIsTooLargeToBeHeldIsNot() throws Exception {
    try (Rig rig = new Setup().buffered(4 << 20, 512 << 20).steps(NO_SECRETS).start()) {
      Rig.Pair pair = rig.open();
      pair.client().send(Arrays.copyOf(Frames.framed(produce("t", 1, 1, 3 << 20)), 100));
      pair.client().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.FRAME_TOO_LARGE, 1);
    }
  }

  @Test
  void anotherBrokerMayGoThatWasAskedForNoAnswer() throws Exception {
    try (RawBroker other = RawBroker.start();
        Rig rig =
            new Setup()
                .steps(produce((_, frame) -> Decision.Forward.to(other.address())))
                .start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(produce("t", 1, 0, 10));
      RawClient link = other.accept();
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(produce("t", 1, 0, 10));
      link.close();
      Await.until(
          () -> "the connection is still open",
          () ->
              rig.figures().value("proxy_opened_connections", "broker", other.address().toString())
                  == 0);
      byte[] answer = Frames.response(9, new byte[] {1});
      pair.exchange(Frames.request(Frames.UNKNOWN, 0, 9, new byte[] {1}), answer);
    }
  }

  // ---- responses that name brokers --------------------------------------------------------------

  private static byte[] metadata() {
    return Frames.request(
        Frames.METADATA,
        METADATA_VERSION,
        5,
        Frames.newRequest(Frames.METADATA, METADATA_VERSION).set("Topics", null));
  }

  private static byte[] metadata(HostPort broker) {
    Struct response = Frames.newResponse(Frames.METADATA, METADATA_VERSION);
    response
        .addStruct("Brokers")
        .set("NodeId", 7)
        .set("Host", broker.host())
        .set("Port", broker.port());
    response.addStruct("Topics").set("Name", "t");
    response.addStruct("Topics").set("Name", SECRET);
    return Frames.response(Frames.METADATA, METADATA_VERSION, 5, response);
  }

  /** Leaves a topic out. */
  private static Decision withoutSecret(ByteBuf frame) {
    byte[] bytes = new byte[frame.readableBytes() - 4];
    frame.getBytes(frame.readerIndex() + 4, bytes);
    Struct response = Frames.readResponse(Frames.METADATA, METADATA_VERSION, bytes);
    response.getStructs("Topics").removeIf(topic -> topic.getString("Name").equals(SECRET));
    return new Decision.Answer(
        Unpooled.wrappedBuffer(
            Frames.framed(
                Frames.response(
                    Frames.METADATA,
                    METADATA_VERSION,
                    Frames.responseCorrelationId(bytes),
                    response))));
  }

  private static Struct told(ResponseStep step) throws Exception {
    try (Rig rig = new Setup().steps(responses(step)).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(metadata());
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(metadata());
      pair.link().sendFrame(metadata(rig.broker().address()));
      byte[] frame = pair.client().readFrame(Rig.LIMIT);
      assertThat(Frames.responseCorrelationId(frame)).isEqualTo(5);
      Struct told = Frames.readResponse(Frames.METADATA, METADATA_VERSION, frame);
      Struct broker = told.getStructs("Brokers").getFirst();
      assertThat(broker.getInt("NodeId")).isEqualTo(7);
      assertThat(new HostPort(broker.getString("Host"), broker.getInt("Port")))
          .isEqualTo(rig.address());
      byte[] answer = Frames.response(9, new byte[] {1});
      pair.exchange(Frames.request(Frames.UNKNOWN, 0, 9, new byte[] {1}), answer);
      return told;
    }
  }

  @Test
  void aStepDropsATopicWhileAddressesAreReplaced() throws Exception {
    assertThat(told((_, frame) -> withoutSecret(frame)).getStructs("Topics"))
        .extracting(topic -> topic.getString("Name"))
        .containsExactly("t");
  }

  @Test
  void aStepThatTakesTimeDropsATopicWhileAddressesAreReplaced() throws Exception {
    ResponseStep later =
        (_, frame) -> {
          Promise<Decision> promise = ImmediateEventExecutor.INSTANCE.newPromise();
          Decision decision = withoutSecret(frame);
          Thread.ofVirtual().start(() -> promise.setSuccess(decision));
          return new Decision.Wait(promise, Rig.LIMIT);
        };
    assertThat(told(later).getStructs("Topics")).hasSize(1);
  }

  @Test
  void addressesAreReplacedInAResponseThatMayPass() throws Exception {
    assertThat(told((_, _) -> Decision.FORWARD).getStructs("Topics")).hasSize(2);
  }

  @Test
  void aMalformedResponseOfAStepEndsTheConnection() throws Exception {
    ResponseStep broken =
        (_, frame) ->
            new Decision.Answer(
                Unpooled.wrappedBuffer(Frames.framed(Frames.response(5, new byte[] {0, 0, 0}))));
    try (Rig rig = new Setup().steps(responses(broken)).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(metadata());
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(metadata());
      pair.link().sendFrame(metadata(rig.broker().address()));
      pair.client().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.MALFORMED_RESPONSE, 1);
    }
  }

  /** ApiVersions responses are edited although a step reads them first. */
  @Test
  void apiVersionsAreLimitedBehindAStep() throws Exception {
    Steps steps = responses(Frames.API_VERSIONS, (_, _) -> Decision.FORWARD);
    try (Rig rig = new Setup().refuseUnknown().steps(steps).start()) {
      Rig.Pair pair = rig.begin(Frames.request(Frames.API_VERSIONS, 0, 5, new byte[0]));
      var _ = pair.link().readFrame(Rig.LIMIT);
      Struct apis = Frames.newResponse(Frames.API_VERSIONS, 0);
      apis.addStruct("ApiKeys").set("ApiKey", Frames.METADATA).set("MaxVersion", (short) 900);
      apis.addStruct("ApiKeys").set("ApiKey", Frames.UNKNOWN).set("MaxVersion", (short) 3);
      pair.link().sendFrame(Frames.response(Frames.API_VERSIONS, 0, 5, apis));
      Struct told = Frames.readResponse(Frames.API_VERSIONS, 0, pair.client().readFrame(Rig.LIMIT));
      assertThat(told.getStructs("ApiKeys"))
          .singleElement()
          .satisfies(range -> assertThat(range.getInt("MaxVersion")).isLessThan(100));
    }
  }

  private static Steps produce(RequestStep step) {
    return new Steps() {
      @Override
      public @Nullable RequestStep request(int apiKey, int version) {
        return apiKey == Frames.PRODUCE ? step : null;
      }
    };
  }

  private static Steps responses(ResponseStep step) {
    return responses(Frames.METADATA, step);
  }

  private static Steps responses(int api, ResponseStep step) {
    return new Steps() {
      @Override
      public @Nullable ResponseStep response(int apiKey, int version) {
        return apiKey == api ? step : null;
      }
    };
  }
}
