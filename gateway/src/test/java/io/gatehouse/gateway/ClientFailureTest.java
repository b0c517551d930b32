package io.gatehouse.gateway;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawClient.End;
import java.io.File;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a client closes, its broker connection closes at once unless responses are pending. */
class ClientFailureTest {

  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private static byte[] request(int id) {
    return Frames.request(Frames.UNKNOWN, 0, id, new byte[100]);
  }

  @Test
  void anIdleClientCloses() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();

      pair.client().close();

      assertThat(pair.link().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
      rig.awaitEnds(CloseReason.CLIENT_CLOSED, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void aClientResets(int inFlight) throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      for (int id = 0; id < inFlight; id++) {
        pair.client().sendFrame(request(id));
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(id));
      }

      pair.client().reset();

      pair.link().expectClosed(AT_ONCE);
      rig.awaitEnds(CloseReason.CLIENT_RESET, 1);
      assertThat(rig.gateway().metrics().inFlight()).isZero();
    }
  }

  @Test
  void aClientResetsWhileTheBrokerIsDialled() throws Exception {
    try (Rig rig = new Setup().connectTimeout(Duration.ofSeconds(30)).start()) {
      rig.broker().hang();
      RawClient client = rig.connect();
      client.sendFrame(request(1));

      client.reset();

      rig.awaitEnds(CloseReason.CLIENT_RESET, 1);
      assertThat(rig.gateway().metrics().openConnections()).isZero();
    }
  }

  @Test
  void aClientThatSendsNothingOpensNoBrokerConnection() throws Exception {
    try (Rig rig = Rig.start()) {
      RawClient silent = rig.connect();
      silent.close();
      RawClient begun = rig.connect();
      begun.send((byte) 0, (byte) 0, (byte) 0, (byte) 50, (byte) 0);
      begun.close();

      rig.awaitEnds(CloseReason.CLIENT_CLOSED, 2);
      rig.broker().expectNoConnection(Duration.ofMillis(20));
    }
  }

  @Test
  void aHalfClosedClientGetsAllItsResponses() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.client().send(Frames.framed(request(1), request(2), request(3)));
      pair.client().finish();
      for (int id = 1; id <= 3; id++) {
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(id));
      }
      for (int id = 1; id <= 3; id++) {
        byte[] answer = Frames.response(id, Seed.bytes(Seed.random(id), 1 << 20));
        pair.link().sendFrame(answer);
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer);
      }

      assertThat(pair.client().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
      assertThat(pair.link().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
      rig.awaitEnds(CloseReason.CLIENT_HALF_CLOSED, 1);
    }
  }

  @Test
  void aHalfClosedClientGetsResponsesThatAreStillBeingSent() throws Exception {
    try (Rig rig = new Setup().kernelBuffers(16 << 10, 0).start()) {
      Rig.Pair pair = rig.open(8 << 10);
      pair.client().sendFrame(Frames.request(Frames.UNKNOWN, 0, 5, new byte[10]));
      var _ = pair.link().readFrame(Rig.LIMIT);
      pair.link().sendFrame(Frames.response(5, new byte[60_000]));
      Await.until(
          () -> rig.gateway().metrics().inFlight() + " in flight",
          () -> rig.gateway().metrics().inFlight() == 0);

      pair.client().finish();

      pair.link().expectSilence(Duration.ofMillis(300));
      assertThat(pair.client().readFrame(Rig.LIMIT)).hasSize(60_004);
      rig.awaitEnds(CloseReason.CLIENT_HALF_CLOSED, 1);
    }
  }

  @Test
  void aHalfClosedClientGetsResponsesBeyondTheInFlightLimit() throws Exception {
    try (Rig rig = new Setup().inFlight(2).start()) {
      Rig.Pair pair = rig.open();
      pair.client()
          .send(Frames.framed(request(1), request(2), request(3), request(4), request(5)))
          .finish();
      for (int id = 1; id <= 5; id++) {
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(id));
        byte[] answer = Frames.response(id, new byte[id]);
        pair.link().sendFrame(answer);
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer);
      }
      assertThat(pair.client().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
    }
  }

  /**
   * As with {@code printf ... | nc host port}: the client half-closes before the broker is dialled.
   */
  @Test
  void aHalfClosedClientGetsResponsesIfTheBrokerIsStillDialled() throws Exception {
    try (Rig rig = Rig.start()) {
      for (int i = 0; i < 30; i++) {
        RawClient client = rig.connect();
        client.send(Frames.framed(request(1), request(2))).finish();
        RawClient link = rig.broker().accept();
        for (int id = 1; id <= 2; id++) {
          assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request(id));
          link.sendFrame(Frames.response(id, new byte[5]));
          assertThat(client.readFrame(Rig.LIMIT)).isEqualTo(Frames.response(id, new byte[5]));
        }
        assertThat(client.expectClosed(AT_ONCE)).isEqualTo(End.FIN);
      }
    }
  }

  /** Dials to an unresponsive broker are cancelled when their clients close. */
  @Test
  void dialsAreCancelledWhenTheirClientsClose() throws Exception {
    File descriptors = new File("/proc/self/fd");
    assumeThat(descriptors).exists();
    RawBroker broker = RawBroker.start();
    try (broker;
        Rig rig = new Setup().connectTimeout(Duration.ofSeconds(60)).start(broker)) {
      broker.hang();
      int before = requireNonNull(descriptors.list()).length;
      for (int i = 0; i < 100; i++) {
        RawClient client = rig.connect();
        client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 1, new byte[4]));
        client.reset();
      }
      Await.until(
          () -> requireNonNull(descriptors.list()).length + " descriptors, before " + before,
          () ->
              rig.gateway().metrics().openConnections() == 0
                  && requireNonNull(descriptors.list()).length < before + 20);
    }
  }

  /** The gateway does not wait for the rest of an incomplete request. */
  @Test
  void aClientClosesInTheMiddleOfARequest() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      byte[] half = Arrays.copyOf(Frames.framed(request(1)), 60);
      pair.client().send(half);
      assertThat(pair.link().read(60, Rig.LIMIT)).isEqualTo(half);

      pair.client().close();

      pair.link().expectClosed(AT_ONCE);
      Frames.framed(); // no complete request before it
      assertThat(rig.gateway().metrics().inFlight()).isZero();
    }
  }

  @Test
  void aClientClosesInTheMiddleOfARequestAfterOthersThatAreAnswered() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      byte[] whole = Frames.framed(request(1));
      byte[] half = Arrays.copyOf(Frames.framed(request(2)), 60);
      pair.client().send(whole).send(half).finish();
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(1));
      assertThat(pair.link().read(60, Rig.LIMIT)).isEqualTo(half);

      pair.link().sendFrame(Frames.response(1, new byte[4]));

      assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(Frames.response(1, new byte[4]));
      assertThat(pair.client().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
      pair.link().expectClosed(AT_ONCE);
    }
  }

  @Test
  void aClientResetsWhileTheBrokerReadsNothing() throws Exception {
    try (Rig rig = new Setup().kernelBuffers(0, 8 << 10).start(RawBroker.withReceiveBuffer(8192))) {
      Rig.Pair pair = rig.open();
      pair.client().send(Arrays.copyOf(Frames.framed(request(1)), 4));
      pair.client().send(Arrays.copyOfRange(Frames.framed(request(1)), 4, 104 + 10));
      pair.client().send(Frames.framed(new byte[1 << 20], new byte[20]));

      pair.client().reset();

      rig.awaitEnds(CloseReason.CLIENT_RESET, 1);
    }
  }
}
