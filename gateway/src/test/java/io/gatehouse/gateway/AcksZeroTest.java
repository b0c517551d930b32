package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Chunks;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.testkit.RawClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Produce requests with acks=0 have no response, and the gateway waits for none. */
class AcksZeroTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 13})
  void responsesKeepTheirOrderAmongRequestsWithoutAResponse(int version) throws Exception {
    RandomGenerator random = Seed.random("acks", version);
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      List<byte[]> requests = new ArrayList<>();
      List<byte[]> answers = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        int acks = random.nextInt(-1, 2);
        requests.add(Frames.produce(version, i, acks, random.nextInt(2000), random));
        answers.add(acks == 0 ? new byte[0] : produced(version, i));
      }
      byte[] all = Frames.framed(requests.toArray(byte[][]::new));
      var sending = Task.start(() -> Chunks.send(pair.client(), all, random));
      var serving =
          Task.start(() -> {
            for (int i = 0; i < requests.size(); i++) {
              assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(requests.get(i));
              if (answers.get(i).length > 0) {
                pair.link().sendFrame(answers.get(i));
              }
            }
          });
      for (byte[] answer : answers) {
        if (answer.length > 0) {
          assertThat(pair.client().readFrame(Rig.LIMIT)).as(Seed.replay()).isEqualTo(answer);
        }
      }
      sending.join();
      serving.join();
      assertThat(rig.gateway().metrics().inFlight()).isZero();
    }
  }

  private static byte[] produced(int version, int correlationId) {
    return Frames.response(
        Frames.PRODUCE, version, correlationId, Frames.newResponse(Frames.PRODUCE, version));
  }

  @Test
  void acksZeroRequestsDoNotCountAsInFlight() throws Exception {
    try (Rig rig = new Setup().inFlight(2).start()) {
      Rig.Pair pair = rig.open();
      RandomGenerator random = Seed.random("stream");
      for (int i = 0; i < 20; i++) {
        byte[] request = Frames.produce(11, i, 0, 10, random);
        pair.client().sendFrame(request);
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request);
      }
      assertThat(rig.gateway().metrics().inFlight()).isZero();
    }
  }

  /** Kafka's Java client does this: it writes its last batches and closes the socket. */
  @Test
  void requestsSentBeforeTheClientClosesReachASlowBroker() throws Exception {
    try (Rig rig =
        new Setup().kernelBuffers(0, 8 << 10).start(RawBroker.withReceiveBuffer(8 << 10))) {
      Rig.Pair pair = rig.open();
      RandomGenerator random = Seed.random("close");
      List<byte[]> requests = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        requests.add(Frames.produce(11, i, 0, 10_000, random));
      }
      var sending =
          Task.start(() -> {
            pair.client().send(Frames.framed(requests.toArray(byte[][]::new)));
            pair.client().close();
          });

      for (byte[] request : requests) {
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request);
      }
      sending.join();
      assertThat(pair.link().expectClosed(Rig.LIMIT)).isEqualTo(RawClient.End.FIN);
    }
  }

  @Test
  void forbiddenAcksZeroClosesTheConnection() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = new Setup().forbidAcksZero().start()) {
      Rig.Pair pair = rig.open();
      RandomGenerator random = Seed.random("forbidden");
      byte[] allowed = Frames.produce(11, 1, -1, 100, random);
      pair.exchange(allowed, produced(11, 1));

      pair.client().sendFrame(Frames.produce(11, 2, 0, 100, random));

      pair.client().expectClosed(Duration.ofSeconds(1));
      pair.link().expectClosed(Duration.ofSeconds(1));
      rig.awaitEnds(CloseReason.ACKS_ZERO_FORBIDDEN, 1);
      log.await("acks=0 is forbidden");
    }
  }
}
