package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.ErrorRefusal;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.gateway.plan.ResponseStep;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.GatewaySettings.Traffic;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Steps that send requests to several brokers, and that take time, answer, refuse and close. */
class StepsTest {

  private static final String MEMORY = "gatehouse_buffered_bytes";

  /** The API whose requests or responses the steps decide on; others are forwarded. */
  private static final int DECIDED = 701;

  private static final Duration LONG = Duration.ofMinutes(1);

  // ---- several brokers --------------------------------------------------------------------------

  @Test
  void responsesOfSeveralBrokersKeepTheOrderOfRequests() throws Exception {
    try (RawBroker other = RawBroker.start();
        Rig rig = setup(requests((_, frame) -> Decision.Forward.to(other.address()))).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(Frames.UNKNOWN, 1));
      pair.client().sendFrame(request(DECIDED, 2));
      pair.client().sendFrame(request(Frames.UNKNOWN, 3));
      pair.client().sendFrame(request(DECIDED, 4));
      RawClient link = other.accept();
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 2));
      link.sendFrame(answer(2));
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 4));
      link.sendFrame(answer(4));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(Frames.UNKNOWN, 1));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(Frames.UNKNOWN, 3));
      pair.client().expectSilence(Duration.ofMillis(200));
      pair.link().sendFrame(answer(1));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(1));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(2));
      pair.client().expectSilence(Duration.ofMillis(200));
      pair.link().sendFrame(answer(3));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(3));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(4));
    }
  }

  /** A response that is not due yet is not read from its broker. */
  @Test
  void aLargeResponseThatIsNotDueYetIsNotRead() throws Exception {
    byte[] large = Frames.response(2, new byte[32 << 20]);
    try (RawBroker other = RawBroker.start();
        Rig rig = setup(requests((_, frame) -> Decision.Forward.to(other.address()))).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(Frames.UNKNOWN, 1));
      pair.client().sendFrame(request(DECIDED, 2));
      RawClient link = other.accept();
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 2));
      var sending = Task.start(() -> link.sendFrame(large));
      pair.client().expectSilence(Duration.ofMillis(300));
      assertThat(rig.figures().value(MEMORY)).isLessThan(1 << 20);
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(Frames.UNKNOWN, 1));
      pair.link().sendFrame(answer(1));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(1));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(large);
      sending.join();
    }
  }

  @Test
  void aBrokerThatClosesWithAResponsePendingDisconnectsTheClient() throws Exception {
    try (RawBroker other = RawBroker.start();
        Rig rig = setup(requests((_, frame) -> Decision.Forward.to(other.address()))).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(DECIDED, 1));
      RawClient link = other.accept();
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 1));
      link.close();
      pair.client().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.BROKER_CLOSED, 1);
    }
  }

  @Test
  void anotherBrokerThatClosesWhileIdleIsReconnected() throws Exception {
    try (RawBroker other = RawBroker.start();
        Rig rig = setup(requests((_, frame) -> Decision.Forward.to(other.address()))).start()) {
      Rig.Pair pair = rig.open();
      for (int i = 1; i <= 2; i++) {
        pair.client().sendFrame(request(DECIDED, i));
        RawClient link = other.accept();
        assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, i));
        link.sendFrame(answer(i));
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(i));
        link.close();
        Await.until(
            () -> "the connection is still open",
            () ->
                rig.figures()
                        .value("proxy_opened_connections", "broker", other.address().toString())
                    == 0);
        pair.exchange(request(Frames.UNKNOWN, 9), answer(9));
      }
    }
  }

  @Test
  void responsesSentBeforeABrokerClosedAreDeliveredInOrder() throws Exception {
    try (RawBroker other = RawBroker.start();
        Rig rig = setup(requests((_, frame) -> Decision.Forward.to(other.address()))).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(Frames.UNKNOWN, 1));
      pair.client().sendFrame(request(DECIDED, 2));
      pair.client().sendFrame(request(DECIDED, 3));
      RawClient link = other.accept();
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 2));
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 3));
      link.send(Frames.framed(answer(2), answer(3)));
      link.close();
      pair.client().expectSilence(Duration.ofMillis(200));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(Frames.UNKNOWN, 1));
      pair.link().sendFrame(answer(1));
      for (int i = 1; i <= 3; i++) {
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(i));
      }
      pair.exchange(request(Frames.UNKNOWN, 4), answer(4));
      pair.client().sendFrame(request(DECIDED, 5));
      RawClient again = other.accept();
      assertThat(again.readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 5));
      again.sendFrame(answer(5));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(5));
    }
  }

  @Test
  void theClientIsDisconnectedAfterTheResponsesOfABrokerThatClosesWithMorePending()
      throws Exception {
    try (RawBroker other = RawBroker.start();
        Rig rig = setup(requests((_, frame) -> Decision.Forward.to(other.address()))).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(Frames.UNKNOWN, 1));
      pair.client().sendFrame(request(DECIDED, 2));
      pair.client().sendFrame(request(DECIDED, 3));
      RawClient link = other.accept();
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 2));
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 3));
      link.send(Arrays.copyOf(Frames.framed(answer(2), answer(3)), 18));
      link.close();
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(Frames.UNKNOWN, 1));
      pair.link().sendFrame(answer(1));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(1));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(2));
      var _ = pair.client().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.BROKER_CLOSED, 1);
    }
  }

  @Test
  void responsesOfTheMainBrokerAreDeliveredAfterItCloses() throws Exception {
    try (RawBroker other = RawBroker.start();
        Rig rig = setup(requests((_, frame) -> Decision.Forward.to(other.address()))).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(DECIDED, 1));
      pair.client().sendFrame(request(Frames.UNKNOWN, 2));
      RawClient link = other.accept();
      assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 1));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(Frames.UNKNOWN, 2));
      pair.link().sendFrame(answer(2));
      pair.link().close();
      pair.client().expectSilence(Duration.ofMillis(200));
      pair.client().sendFrame(request(DECIDED, 3)); // its broker connection is closed
      link.sendFrame(answer(1));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(1));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(2));
      pair.client().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.BROKER_CLOSED, 1);
    }
  }

  // ---- decisions that take time -----------------------------------------------------------------

  @Test
  void laterRequestsQueueBehindAPendingDecision() throws Exception {
    Promise<Decision> promise = ImmediateEventExecutor.INSTANCE.newPromise();
    try (Rig rig = setup(requests((_, frame) -> new Decision.Wait(promise, LONG))).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(Frames.UNKNOWN, 1));
      pair.client().sendFrame(request(DECIDED, 2));
      pair.client().sendFrame(request(Frames.UNKNOWN, 3));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(Frames.UNKNOWN, 1));
      pair.link().expectSilence(Duration.ofMillis(200));
      promise.setSuccess(Decision.FORWARD);
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 2));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(Frames.UNKNOWN, 3));
      for (int i = 1; i <= 3; i++) {
        pair.link().sendFrame(answer(i));
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(i));
      }
    }
  }

  @Test
  void readsAreBoundedDuringAPendingDecision() throws Exception {
    Promise<Decision> promise = ImmediateEventExecutor.INSTANCE.newPromise();
    byte[] next = Frames.request(Frames.UNKNOWN, 0, 2, new byte[32 << 20]);
    try (Rig rig = setup(requests((_, frame) -> new Decision.Wait(promise, LONG))).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(DECIDED, 1));
      var sending = Task.start(() -> pair.client().sendFrame(next));
      pair.link().expectSilence(Duration.ofMillis(300));
      assertThat(rig.figures().value(MEMORY)).isLessThan(1 << 20);
      promise.setSuccess(Decision.FORWARD);
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 1));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(next);
      sending.join();
    }
  }

  @Test
  void aLateDecisionIsApplied() throws Exception {
    Queue<Decision> decisions = new ConcurrentLinkedQueue<>();
    decisions.add(new Decision.Answer(framed(answer(1))));
    decisions.add(new Decision.Refuse(ErrorRefusal.FORBIDDEN));
    Steps steps =
        new Steps() {
          @Override
          public @Nullable RequestStep request(int apiKey, int version) {
            return apiKey == Frames.METADATA ? (_, frame) -> later(decisions.remove()) : null;
          }
        };
    try (Rig rig = setup(steps).start()) {
      Rig.Pair pair = rig.open();
      byte[] metadata =
          Frames.request(Frames.METADATA, 9, 1, Frames.newRequest(Frames.METADATA, 9));
      pair.client().sendFrame(metadata);
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(1));
      pair.client().sendFrame(metadata);
      byte[] refused = pair.client().readFrame(Rig.LIMIT);
      assertThat(Frames.responseCorrelationId(refused)).isEqualTo(1);
      pair.exchange(request(Frames.UNKNOWN, 5), answer(5));
    }
  }

  @Test
  void aDecisionTimeoutClosesTheConnection() throws Exception {
    Promise<Decision> never = ImmediateEventExecutor.INSTANCE.newPromise();
    try (Rig rig =
        setup(requests((_, frame) -> new Decision.Wait(never, Duration.ofMillis(100)))).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(DECIDED, 1));
      pair.client().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.DECISION_TIMEOUT, 1);
    }
  }

  @Test
  void aRequestThatAStepCannotReadClosesTheConnection() throws Exception {
    RequestStep unreadable =
        (_, frame) -> {
          throw new MalformedMessage("a string ends after the request", 9);
        };
    try (Rig rig = setup(requests(unreadable)).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(DECIDED, 1));
      pair.client().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.MALFORMED_REQUEST, 1);
    }
  }

  @Test
  void aResponseDecidedAfterTheClientClosedIsReleased() throws Exception {
    Promise<Decision> promise = ImmediateEventExecutor.INSTANCE.newPromise();
    ByteBuf late = framed(answer(1));
    try (Rig rig = setup(requests((_, frame) -> new Decision.Wait(promise, LONG))).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(DECIDED, 1));
      pair.client().reset();
      rig.awaitEnds(CloseReason.CLIENT_RESET, 1);
      promise.setSuccess(new Decision.Answer(late));
      Await.until(() -> "the answer is not released", () -> late.refCnt() == 0);
    }
  }

  @Test
  void responsesToAClientThatReadsNothingAreBounded() throws Exception {
    byte[] large = Frames.response(1, new byte[64 << 10]);
    byte[][] requests = new byte[1000][];
    Arrays.fill(requests, request(DECIDED, 1));
    try (Rig rig = setup(requests((_, frame) -> new Decision.Answer(framed(large)))).start()) {
      Rig.Pair pair = rig.open(4 << 10);
      pair.client().send(Frames.framed(requests));
      Await.until(() -> "nothing is held", () -> rig.figures().value(MEMORY) > 0);
      pair.link().expectSilence(Duration.ofMillis(300));
      assertThat(rig.figures().value(MEMORY)).isLessThan(8 << 20);
      for (int i = 0; i < requests.length; i++) {
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(large);
      }
    }
  }

  /** A decision applies to the request it was made for, even if rules have changed since. */
  @Test
  void aDecisionAppliesOnlyToItsRequest() throws Exception {
    Queue<Promise<Decision>> asked = new ConcurrentLinkedQueue<>();
    Steps steps =
        requests((_, frame) -> {
          asked.add(ImmediateEventExecutor.INSTANCE.newPromise());
          return new Decision.Wait(asked.peek(), LONG);
        });
    try (Rig rig = setup(steps).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(DECIDED, 1));
      Await.until(() -> "the step is not asked", () -> !asked.isEmpty());
      GatewaySettings now = rig.gateway().settings();
      Traffic traffic = now.traffic();
      rig.gateway()
          .apply(
              now.with(
                  new Traffic(
                      traffic.limits(),
                      traffic.timeouts(),
                      traffic.sockets(),
                      new ApiRules(Set.of(DECIDED), false, ApiRules.Unknown.RELAY),
                      traffic.logins())));
      asked.remove().setSuccess(Decision.FORWARD);
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 1));
      pair.link().sendFrame(answer(1));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(1));
      pair.client().sendFrame(request(DECIDED, 2));
      pair.client()
          .expectClosed(
              Rig.LIMIT); // forbidden, and of an unknown format, so it has no error response
      rig.awaitEnds(CloseReason.REFUSED_WITHOUT_ANSWER, 1);
    }
  }

  // ---- responses --------------------------------------------------------------------------------

  @Test
  void laterResponsesQueueBehindAPendingDecision() throws Exception {
    Promise<Decision> promise = ImmediateEventExecutor.INSTANCE.newPromise();
    try (Rig rig = setup(responses((_, frame) -> new Decision.Wait(promise, LONG))).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(DECIDED, 1));
      pair.client().sendFrame(request(Frames.UNKNOWN, 2));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 1));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(Frames.UNKNOWN, 2));
      pair.link().sendFrame(answer(1));
      pair.link().sendFrame(answer(2));
      pair.client().expectSilence(Duration.ofMillis(200));
      byte[] other = Frames.response(1, new byte[] {9, 9});
      promise.setSuccess(new Decision.Answer(framed(other)));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(other);
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(2));
    }
  }

  @Test
  void aDecisionAboutAResponseMayOutlastItsBrokerConnection() throws Exception {
    Promise<Decision> promise = ImmediateEventExecutor.INSTANCE.newPromise();
    try (Rig rig = setup(responses((_, frame) -> new Decision.Wait(promise, LONG))).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(DECIDED, 1));
      pair.client().sendFrame(request(Frames.UNKNOWN, 2));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 1));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(Frames.UNKNOWN, 2));
      pair.link().send(Frames.framed(answer(1), answer(2)));
      pair.link().close();
      pair.client().expectSilence(Duration.ofMillis(200));
      promise.setSuccess(Decision.FORWARD);
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(1));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer(2));
      pair.client().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.BROKER_CLOSED, 1);
    }
  }

  @Test
  void aDecisionAboutAResponseMayCloseTheConnection() throws Exception {
    Decision close = new Decision.Close(CloseReason.MALFORMED_RESPONSE, ": not for clients");
    try (Rig rig = setup(responses((_, frame) -> close)).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(DECIDED, 1));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(DECIDED, 1));
      pair.link().sendFrame(answer(1));
      pair.client().expectClosed(Rig.LIMIT);
      rig.awaitEnds(CloseReason.MALFORMED_RESPONSE, 1);
    }
  }

  private static Setup setup(Steps steps) {
    return new Setup().steps(steps);
  }

  private static Steps requests(RequestStep step) {
    return new Steps() {
      @Override
      public @Nullable RequestStep request(int apiKey, int version) {
        return apiKey == DECIDED ? step : null;
      }
    };
  }

  private static Steps responses(ResponseStep step) {
    return new Steps() {
      @Override
      public @Nullable ResponseStep response(int apiKey, int version) {
        return apiKey == DECIDED ? step : null;
      }
    };
  }

  private static Decision later(Decision decision) {
    Promise<Decision> promise = ImmediateEventExecutor.INSTANCE.newPromise();
    Thread.ofVirtual().start(() -> promise.setSuccess(decision));
    return new Decision.Wait(promise, LONG);
  }

  private static ByteBuf framed(byte[] frame) {
    return Unpooled.wrappedBuffer(Frames.framed(frame));
  }

  private static byte[] request(int apiKey, int correlationId) {
    return Frames.request(apiKey, 0, correlationId, new byte[] {1, 2, 3});
  }

  private static byte[] answer(int correlationId) {
    return Frames.response(correlationId, new byte[] {4, 5, 6, (byte) correlationId});
  }
}
