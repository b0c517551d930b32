package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawClient.End;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * When a broker connection ends, the client's connection ends at once in the same way (FIN or RST).
 */
class BrokerFailureTest {

  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private static void end(RawClient link, End end) throws IOException {
    switch (end) {
      case FIN -> link.finish();
      case RST -> link.reset();
    }
  }

  private static CloseReason reason(End end) {
    return end == End.FIN ? CloseReason.BROKER_CLOSED : CloseReason.BROKER_RESET;
  }

  private static byte[] request(int id) {
    return Frames.request(Frames.UNKNOWN, 0, id, new byte[100]);
  }

  @ParameterizedTest
  @EnumSource
  void anIdleClientIsDisconnectedInTheSameWay(End end) throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();

      end(pair.link(), end);

      assertThat(pair.client().expectClosed(AT_ONCE)).isEqualTo(end);
      rig.awaitEnds(reason(end), 1);
      log.await(reason(end).text());
    }
  }

  @ParameterizedTest
  @EnumSource
  void clientsWithRequestsInFlightAreDisconnectedWithoutAResponse(End end) throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.client().send(Frames.framed(request(1), request(2), request(3)));
      for (int id = 1; id <= 3; id++) {
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(id));
      }

      end(pair.link(), end);

      assertThat(pair.client().expectClosed(AT_ONCE)).isEqualTo(end);
      rig.awaitEnds(reason(end), 1);
      assertThat(rig.gateway().metrics().inFlight()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void anIncompleteResponseIsFollowedByTheDisconnect(End end) throws Exception {
    byte[] answer = Frames.response(1, Seed.bytes(Seed.random("half"), 10_000));
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.client().send(Frames.framed(request(1), request(2)));
      var _ = pair.link().readFrame(Rig.LIMIT);
      var _ = pair.link().readFrame(Rig.LIMIT);

      pair.link().send(Arrays.copyOf(Frames.framed(answer), 5000));
      assertThat(pair.client().read(5000, Rig.LIMIT))
          .isEqualTo(Arrays.copyOf(Frames.framed(answer), 5000));
      end(pair.link(), end);

      assertThat(pair.client().expectClosed(AT_ONCE)).isEqualTo(end);
    }
  }

  @Test
  void aRequestHalfSentWhenTheBrokerClosesIsNotAnswered() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      byte[] half = Arrays.copyOf(Frames.framed(request(1)), 50);
      pair.client().send(half);
      assertThat(pair.link().read(50, Rig.LIMIT)).isEqualTo(half);

      pair.link().finish();

      assertThat(pair.client().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
    }
  }

  @Test
  void responsesSentBeforeTheBrokerClosedReachTheClient() throws Exception {
    byte[] answer = Frames.response(1, Seed.bytes(Seed.random("last"), 5 << 20));
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(1));
      var _ = pair.link().readFrame(Rig.LIMIT);
      var sending =
          Task.start(() -> {
            pair.link().sendFrame(answer);
            pair.link().finish();
          });

      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer);
      assertThat(pair.client().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
      sending.join();
    }
  }

  /** The broker closes while the gateway has paused reading, because the client does not read. */
  @Test
  void responsesSentBeforeTheBrokerClosedReachASlowClient() throws Exception {
    byte[] answer = Frames.response(1, Seed.bytes(Seed.random("slow"), 30 << 20));
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request(1));
      var _ = pair.link().readFrame(Rig.LIMIT);
      var sending =
          Task.start(() -> {
            pair.link().sendFrame(answer);
            pair.link().finish();
          });
      ByteBuffer came = ByteBuffer.allocate(4 + answer.length);
      while (!sending.isDone()) {
        came.put(pair.client().read(16 << 10, Rig.LIMIT));
      }
      assertThat(came.remaining()).as("bytes still on their way").isGreaterThan(1 << 16);

      came.put(pair.client().read(came.remaining(), Rig.LIMIT));

      assertThat(came.array()).isEqualTo(Frames.framed(answer));
      assertThat(pair.client().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
    }
  }

  /** Data buffered in the gateway for a client with small socket buffers. */
  @Test
  void responsesSentBeforeTheBrokerClosedReachAClientWithSmallBuffers() throws Exception {
    byte[] answer = Frames.response(1, Seed.bytes(Seed.random("small"), 300_000));
    try (Rig rig = new Setup().kernelBuffers(8 << 10, 0).start()) {
      Rig.Pair pair = rig.open(4 << 10);
      pair.client().sendFrame(request(1));
      var _ = pair.link().readFrame(Rig.LIMIT);
      pair.link().sendFrame(answer);
      pair.link().finish();

      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer);
      assertThat(pair.client().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
    }
  }

  @Test
  void aRefusedBrokerConnectionClosesTheClient() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = Rig.start()) {
      rig.broker().refuse();
      RawClient client = rig.connect();

      client.sendFrame(request(1));

      assertThat(client.expectClosed(AT_ONCE)).isEqualTo(End.FIN);
      rig.awaitEnds(CloseReason.BROKER_UNREACHABLE, 1);
      log.await(rig.broker().address().toString());

      // Clients can connect again once the broker is back.
      rig.broker().acceptAgain();
      rig.open().exchange(request(2), Frames.response(2, new byte[2]));
    }
  }

  @Test
  void anUnreachableBrokerClosesTheClientAfterTheTimeout() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = new Setup().connectTimeout(Duration.ofMillis(300)).start()) {
      rig.broker().hang();
      RawClient client = rig.connect();

      client.sendFrame(request(1));

      assertThat(client.expectClosed(Rig.LIMIT)).isEqualTo(End.FIN);
      log.await("no answer within 300 ms");
      rig.awaitEnds(CloseReason.BROKER_UNREACHABLE, 1);
    }
  }

  @Test
  void theCloseOfAHangingBrokerIsNoticed() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      // The broker reads nothing, and the client sends until all buffers are full.
      var sending =
          Task.start(() ->
              assertThatThrownBy(() -> pair.client().sendFrame(new byte[90 << 20]))
                  .isInstanceOf(SocketException.class));
      assertThat(pair.link().read(1000, Rig.LIMIT)).hasSize(1000);

      pair.link().reset();

      sending.join();
      // The client sees the close before the metric changes.
      Await.until(
          () -> rig.gateway().metrics().openConnections() + " open",
          () -> rig.gateway().metrics().openConnections() == 0);
    }
  }

  @Test
  void theCloseOfOneBrokerDoesNotAffectOtherConnections() throws Exception {
    try (Rig rig = new Setup().eventLoops(1).start()) {
      Rig.Pair dying = rig.open();
      Rig.Pair living = rig.open();
      living.client().sendFrame(request(1));
      assertThat(living.link().readFrame(Rig.LIMIT)).isEqualTo(request(1));

      dying.link().reset();

      dying.client().expectClosed(AT_ONCE);
      living.link().sendFrame(Frames.response(1, new byte[3]));
      assertThat(living.client().readFrame(Rig.LIMIT)).isEqualTo(Frames.response(1, new byte[3]));
    }
  }

  @Test
  void aBrokerThatClosesBeforeItReadsAnything() throws Exception {
    try (Rig rig = Rig.start();
        RawBroker broker = rig.broker()) {
      RawClient client = rig.connect();
      client.sendFrame(request(1));
      broker.accept().close(); // closing with unread data sends a RST

      assertThatThrownBy(() -> client.readFrame(AT_ONCE))
          .isInstanceOfAny(EOFException.class, SocketException.class);
    }
  }
}
