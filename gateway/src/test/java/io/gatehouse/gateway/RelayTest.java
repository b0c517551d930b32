package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Chunks;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that need no inspection are relayed unchanged. */
class RelayTest {

  private static final int MIB = 1 << 20;

  /** A request and its response. */
  private static final class Exchange {

    private final byte[] request;
    private final byte[] response;

    private Exchange(byte[] request, byte[] response) {
      this.request = request;
      this.response = response;
    }

    static Exchange random(int id, RandomGenerator random, int[] sizes) {
      int apiKey = 200 + random.nextInt(20_000);
      int version = random.nextInt(100);
      int requestBytes = sizes[random.nextInt(sizes.length)];
      int responseBytes = sizes[random.nextInt(sizes.length)];
      return new Exchange(
          Frames.request(apiKey, version, id, Seed.bytes(random, requestBytes)),
          Frames.response(id, Seed.bytes(random, responseBytes)));
    }
  }

  /** The client pipelines all requests and the broker answers each, in random pieces. */
  private static void pipeline(Rig.Pair pair, List<Exchange> exchanges, String name)
      throws IOException {
    var sending =
        Task.start(() ->
            Chunks.send(
                pair.client(),
                Frames.framed(exchanges.stream().map(each -> each.request).toArray(byte[][]::new)),
                Seed.random(name, "requests")));
    var serving =
        Task.start(() -> {
          RandomGenerator random = Seed.random(name, "responses");
          List<byte[]> ready = new ArrayList<>();
          for (Exchange each : exchanges) {
            assertThat(pair.link().readFrame(Rig.LIMIT)).as(Seed.replay()).isEqualTo(each.request);
            ready.add(each.response);
            if (random.nextInt(3) == 0) {
              Chunks.send(pair.link(), Frames.framed(ready.toArray(byte[][]::new)), random);
              ready.clear();
            }
          }
          Chunks.send(pair.link(), Frames.framed(ready.toArray(byte[][]::new)), random);
        });
    for (Exchange each : exchanges) {
      assertThat(pair.client().readFrame(Rig.LIMIT)).as(Seed.replay()).isEqualTo(each.response);
    }
    sending.join();
    serving.join();
  }

  @Test
  void pipelinedFramesOfRandomSizesInRandomPiecesOnManyConnections() throws Exception {
    int[] sizes = {0, 1, 7, 20, 100, 1000, 5000, 60_000, 70_000, 263_000, 700_000};
    try (Rig rig = Rig.start()) {
      List<Task<Boolean>> connections = new ArrayList<>();
      for (int c = 0; c < 6; c++) {
        Rig.Pair pair = rig.open();
        String name = "connection " + c;
        RandomGenerator random = Seed.random(name);
        List<Exchange> exchanges = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
          exchanges.add(Exchange.random(i, random, sizes));
        }
        connections.add(Task.start(() -> pipeline(pair, exchanges, name)));
      }
      connections.forEach(Task::join);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 20})
  void largeFrames(int mebibytes) throws Exception {
    try (Rig rig = Rig.start()) {
      int[] sizes = {mebibytes * MIB};
      RandomGenerator random = Seed.random("large", mebibytes);
      List<Exchange> exchanges =
          List.of(
              Exchange.random(1, random, sizes),
              Exchange.random(2, random, new int[] {3}),
              Exchange.random(3, random, sizes));
      pipeline(rig.open(), exchanges, "large" + mebibytes);
    }
  }

  @Test
  void oneByteAtATime() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      RandomGenerator random = Seed.random("trickle");
      for (int i = 0; i < 20; i++) {
        Exchange exchange = Exchange.random(i, random, new int[] {0, 1, 30});

        Chunks.trickle(pair.client(), Frames.framed(exchange.request));
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(exchange.request);
        Chunks.trickle(pair.link(), Frames.framed(exchange.response));
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(exchange.response);
      }
    }
  }

  @Test
  void thousandsOfSmallFramesInOneWrite() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      int count = 5000;
      byte[][] requests = new byte[count][];
      byte[][] responses = new byte[count][];
      for (int i = 0; i < count; i++) {
        requests[i] = Frames.request(Frames.UNKNOWN, 0, i, new byte[] {(byte) i});
        responses[i] = Frames.response(i, new byte[] {(byte) i});
      }
      var sending = Task.start(() -> pair.client().send(Frames.framed(requests)));
      var serving =
          Task.start(() -> {
            for (int i = 0; i < count; i++) {
              assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(requests[i]);
              pair.link().sendFrame(responses[i]);
            }
          });
      for (int i = 0; i < count; i++) {
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(responses[i]);
      }
      sending.join();
      serving.join();
    }
  }

  /** Complete frames of a read are forwarded at once, the incomplete rest when it is complete. */
  @Test
  void aCompleteFrameDoesNotWaitForTheNext() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      byte[][] requests = new byte[2][];
      byte[][] responses = new byte[2][];
      for (int cut = 0; cut < 20; cut++) {
        for (int i = 0; i < 2; i++) {
          int id = 2 * cut + i;
          requests[i] = Frames.request(Frames.UNKNOWN, 0, id, new byte[100]);
          responses[i] = Frames.response(id, new byte[100]);
        }
        int first = 4 + requests[0].length + cut;
        byte[] both = Frames.framed(requests);
        pair.client().send(Arrays.copyOf(both, first));
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(requests[0]);
        pair.client().send(Arrays.copyOfRange(both, first, both.length));
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(requests[1]);

        first = 4 + responses[0].length + cut;
        both = Frames.framed(responses);
        pair.link().send(Arrays.copyOf(both, first));
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(responses[0]);
        pair.link().send(Arrays.copyOfRange(both, first, both.length));
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(responses[1]);
      }
    }
  }

  @Test
  void framesOfTheMinimumSize() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      byte[] head = {2, 0, 0, 0, 0, 0, 0, 9};
      pair.exchange(head, Frames.response(9, new byte[0]));
      pair.exchange(head, Frames.response(9, new byte[0]));
    }
  }

  @Test
  void requestsBeyondTheInFlightLimitWaitForResponses() throws Exception {
    try (Rig rig = new Setup().inFlight(3).start()) {
      Rig.Pair pair = rig.open();
      byte[][] requests = new byte[10][];
      for (int i = 0; i < requests.length; i++) {
        requests[i] = Frames.request(Frames.UNKNOWN, 0, i, new byte[50]);
      }
      pair.client().send(Frames.framed(requests));

      for (int i = 0; i < 3; i++) {
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(requests[i]);
      }
      for (int i = 0; i < requests.length; i++) {
        if (i + 3 <= requests.length) {
          assertThat(rig.gateway().metrics().inFlight()).isEqualTo(3);
          pair.link().expectSilence(Duration.ofMillis(20));
        }
        byte[] response = Frames.response(i, new byte[] {5});
        pair.link().sendFrame(response);
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(response);
        if (i + 3 < requests.length) {
          assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(requests[i + 3]);
        }
      }
    }
  }
}
