package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.testkit.RawClient;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Clients that do not read their responses do not affect others. */
class SlowReadersTest {

  private static final int PIECE = 16 << 10;
  private static final int ANSWER = 50 << 20;
  private static final int KERNEL = 64 << 10;
  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private static byte[] request() {
    return Frames.request(Frames.UNKNOWN, 0, 1, new byte[30]);
  }

  /** A client that requested 50 MiB, and the broker's progress in sending them. */
  private record Asked(Rig.Pair pair, AtomicLong sent, Task<Boolean> sending) {

    static Asked of(Rig rig) throws IOException {
      return of(rig.open());
    }

    static Asked of(Rig.Pair pair) throws IOException {
      pair.client().sendFrame(request());
      var _ = pair.link().readFrame(Rig.LIMIT);
      AtomicLong sent = new AtomicLong();
      return new Asked(pair, sent, Task.start(() -> send(pair.link(), 1, sent)));
    }

    /** Sends a frame of 50 MiB with this correlation id, and counts the bytes sent. */
    static void send(RawClient to, int begin, AtomicLong sent) throws IOException {
      to.send(ByteBuffer.allocate(8).putInt(ANSWER).putInt(begin).array());
      byte[] piece = new byte[PIECE];
      for (int left = ANSWER - 4; left > 0; left -= PIECE) {
        to.send(left < PIECE ? new byte[left] : piece);
        sent.addAndGet(Math.min(left, PIECE));
      }
    }

    /** Waits until the broker's writes block, and returns how many bytes it has sent. */
    long awaitStall() {
      return awaitStalls(List.of(this));
    }

    /** Returns how many bytes several brokers have sent together. */
    static long awaitStalls(List<Asked> all) {
      AtomicLong before = new AtomicLong(-1);
      AtomicLong still = new AtomicLong();
      Await.until(
          () -> before + " bytes sent, and it goes on",
          () -> {
            long now = all.stream().mapToLong(each -> each.sent.get()).sum();
            still.set(now == before.getAndSet(now) ? still.get() + 1 : 0);
            return now > 0 && still.get() > 30;
          });
      return before.get();
    }
  }

  @Test
  void theBrokerIsNotReadFromWhileTheClientDoesNotRead() throws Exception {
    try (Rig rig = new Setup().eventLoops(1).kernelBuffers(KERNEL, KERNEL).start()) {
      Asked asked = Asked.of(rig);

      assertThat(asked.awaitStall()).isLessThan(8 << 20);

      // Another client of the same event loop is served.
      Rig.Pair other = rig.open();
      for (int i = 0; i < 20; i++) {
        other.client().sendFrame(request());
        assertThat(other.link().readFrame(AT_ONCE)).isEqualTo(request());
        other.link().sendFrame(Frames.response(1, new byte[100_000]));
        assertThat(other.client().readFrame(AT_ONCE)).hasSize(100_004);
      }
      // The slow client gets the whole response in the end.
      assertThat(asked.pair.client().readFrame(Duration.ofSeconds(20))).hasSize(ANSWER);
      asked.sending.join();
    }
  }

  @Test
  void aClientThatReadsNothingIsClosedAfterTheTimeout() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig =
            new Setup()
                .kernelBuffers(KERNEL, KERNEL)
                .responseTimeout(Duration.ofMillis(500))
                .start()) {
      Asked asked = Asked.of(rig);

      rig.awaitEnds(CloseReason.RESPONSE_TIMEOUT, 1);

      log.await(CloseReason.RESPONSE_TIMEOUT.text());
      assertThat(asked.sent.get()).isLessThan(ANSWER);
      Await.until(() -> "the broker still sends", asked.sending::isDone);
    }
  }

  /** The client reads some bytes each second, so it makes progress. */
  @Test
  void aClientThatReadsSlowlyIsNotClosed() throws Exception {
    try (Rig rig =
        new Setup()
            .kernelBuffers(4 << 10, KERNEL)
            .responseTimeout(Duration.ofMillis(1500))
            .start()) {
      Asked asked = Asked.of(rig.open(4 << 10));
      long began = System.nanoTime();
      while (System.nanoTime() - began < Duration.ofSeconds(4).toNanos()) {
        assertThat(asked.pair.client().read(500, Rig.LIMIT)).hasSize(500);
        Await.pause();
      }
      assertThat(rig.figures().ends(CloseReason.RESPONSE_TIMEOUT)).isZero();
      asked.pair.client().reset();
      rig.awaitEnds(CloseReason.CLIENT_RESET, 1);
    }
  }

  @Test
  void allSlowReadersTogetherStayWithinTheMemoryLimit() throws Exception {
    int limit = 2 << 20;
    try (Rig rig =
        new Setup()
            .eventLoops(1)
            .kernelBuffers(KERNEL, KERNEL)
            .buffered(limit, 512 << 20)
            .start()) {
      long before = PlatformDependent.usedDirectMemory();
      List<Asked> slow = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        slow.add(Asked.of(rig));
      }
      // Most of it is in the kernel's buffers, which grow dynamically.
      assertThat(Asked.awaitStalls(slow)).isLessThan(60L * (6 << 20));
      Await.until(
          () -> "nothing is buffered", () -> rig.figures().value("gatehouse_buffered_bytes") > 0);
      assertThat(rig.figures().value("gatehouse_buffered_bytes")).isLessThanOrEqualTo(limit);
      assertThat(PlatformDependent.usedDirectMemory() - before)
          .as("direct memory taken")
          .isLessThan(2L * limit);

      Rig.Pair other = rig.open();
      other.exchange(request(), Frames.response(1, new byte[3 << 20]));

      // All memory is released when they have closed.
      for (Asked each : slow) {
        each.pair.client().reset();
      }
      Await.until(
          () -> rig.figures().value("gatehouse_buffered_bytes") + " bytes are still lent",
          () -> rig.figures().value("gatehouse_buffered_bytes") == 0);
    }
  }

  @Test
  void aBrokerThatReadsNothingBlocksOnlyItsClient() throws Exception {
    try (Rig rig = new Setup().eventLoops(1).kernelBuffers(KERNEL, KERNEL).start()) {
      Rig.Pair stuck = rig.open();
      AtomicLong sent = new AtomicLong();
      int head = Frames.UNKNOWN << 16;
      var sending = Task.start(() -> Asked.send(stuck.client(), head, sent));
      Asked view = new Asked(stuck, sent, sending);
      assertThat(view.awaitStall()).isLessThan(8 << 20);

      rig.open().exchange(request(), Frames.response(1, new byte[3]));

      assertThat(stuck.link().readFrame(Duration.ofSeconds(20))).hasSize(ANSWER);
      sending.join();
    }
  }

  /** The response fits the client's socket buffer, so the client may read it later. */
  @Test
  void responsesInKernelBuffersDoNotTimeOut() throws Exception {
    try (Rig rig = new Setup().responseTimeout(Duration.ofMillis(300)).start()) {
      Rig.Pair pair = rig.open();
      pair.client().sendFrame(request());
      var _ = pair.link().readFrame(Rig.LIMIT);
      pair.link().sendFrame(Frames.response(1, new byte[1000]));
      RawClient other = rig.open().client();
      other.expectSilence(Duration.ofMillis(2200)); // two ticks

      assertThat(pair.client().readFrame(AT_ONCE)).hasSize(1004);
    }
  }
}
