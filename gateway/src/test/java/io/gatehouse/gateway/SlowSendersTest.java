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
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Clients that announce large frames and send few bytes. A broker allocates the announced size, so
 * the gateway forwards a large request only after enough of it has arrived.
 */
class SlowSendersTest {

  private static final int MANY = 20;
  private static final int HUGE = 100 << 20;
  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private static byte[] hugeHead(int id) {
    return ByteBuffer.allocate(14)
        .putInt(HUGE)
        .putShort((short) Frames.PRODUCE)
        .putShort((short) 9)
        .putInt(id)
        .putShort((short) 0)
        .array();
  }

  @Test
  void announcedLargeRequestsWithoutABodyUseNoMemoryAndTimeOut() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig =
            new Setup().requestTimeout(Duration.ofMillis(500), Duration.ofMillis(500)).start()) {
      long before = PlatformDependent.usedDirectMemory();
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        clients.add(rig.connect().send(hugeHead(i)));
      }
      var trickling = Task.start(() -> trickle(clients));
      Await.until(
          () -> rig.figures() + " connections",
          () -> rig.gateway().metrics().openConnections() == MANY);
      assertThat(PlatformDependent.usedDirectMemory() - before).isLessThan(8 << 20);
      rig.broker().expectNoConnection(Duration.ofMillis(100));

      rig.awaitEnds(CloseReason.FIRST_REQUEST_TIMEOUT, MANY);

      trickling.join();
      log.await("no request came in time");
    }
  }

  @Test
  void announcedLargeRequestsAfterAFirstRequestTimeOut() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig =
            new Setup().requestTimeout(Duration.ofSeconds(9), Duration.ofMillis(500)).start()) {
      List<Rig.Pair> pairs = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        pairs.add(rig.open());
      }
      long before = PlatformDependent.usedDirectMemory();
      for (Rig.Pair pair : pairs) {
        pair.client().send(hugeHead(1));
      }
      var trickling = Task.start(() -> trickle(pairs.stream().map(Rig.Pair::client).toList()));
      pairs.getLast().link().expectSilence(Duration.ofMillis(100));
      assertThat(PlatformDependent.usedDirectMemory() - before).isLessThan(8 << 20);

      rig.awaitEnds(CloseReason.REQUEST_TIMEOUT, MANY);

      trickling.join();
      log.await("bytes arrived");
      for (Rig.Pair pair : pairs) {
        // The broker sees no byte of the request, only the close.
        assertThat(pair.link().expectClosed(AT_ONCE)).isEqualTo(RawClient.End.FIN);
      }
    }
  }

  /** Sends one byte to each of them repeatedly until the last one is closed. */
  private static void trickle(List<RawClient> clients) {
    List<RawClient> open = new ArrayList<>(clients);
    while (!open.isEmpty()) {
      open.removeIf(client -> {
        try {
          client.send((byte) 1);
          return false;
        } catch (IOException e) {
          return true;
        }
      });
      Await.pause();
    }
  }

  @Test
  void aStalledLargeRequestTimesOut() throws Exception {
    try (Rig rig =
        new Setup().requestTimeout(Duration.ofSeconds(9), Duration.ofMillis(500)).start()) {
      Rig.Pair pair = rig.open();
      byte[] half = Arrays.copyOf(hugeHead(1), 70_000);
      pair.client().send(half);
      assertThat(pair.link().read(half.length, Rig.LIMIT)).isEqualTo(half);

      rig.awaitEnds(CloseReason.REQUEST_TIMEOUT, 1);

      pair.client().expectClosed(AT_ONCE);
      pair.link().expectClosed(AT_ONCE);
      assertThat(rig.gateway().metrics().inFlight()).isZero();
    }
  }

  /** Slower than the request timeout, but above the minimum rate. */
  @Test
  void aLargeRequestAboveTheMinimumRateDoesNotTimeOut() throws Exception {
    try (Rig rig =
        new Setup().requestTimeout(Duration.ofSeconds(9), Duration.ofMillis(100)).start()) {
      Rig.Pair pair = rig.open();
      byte[] request = Frames.request(Frames.UNKNOWN, 0, 1, new byte[1 << 20]);
      byte[] framed = Frames.framed(request);
      var reading = Task.call(() -> pair.link().readFrame(Duration.ofSeconds(20)));
      long began = System.nanoTime();
      int sent = 0;
      while (sent < framed.length) {
        // 512 KiB/s, where the minimum is 64 KiB/s.
        long due = (System.nanoTime() - began) / 1000 / 2;
        int stop = (int) Math.min(framed.length, due);
        pair.client().send(Arrays.copyOfRange(framed, sent, Math.max(sent, stop)));
        sent = Math.max(sent, stop);
        Await.pause();
      }

      assertThat(reading.join()).isEqualTo(request);
      assertThat(rig.figures().ends(CloseReason.REQUEST_TIMEOUT)).isZero();
    }
  }

  /**
   * The budget for announced bytes that have not arrived: the second request waits for the first.
   */
  @Test
  void largeRequestsTakeTurnsWithinTheBudget() throws Exception {
    int size = 6 << 20;
    try (Rig rig = new Setup().buffered(64 << 20, 10 << 20).start()) {
      Rig.Pair first = rig.open();
      Rig.Pair second = rig.open();
      byte[] request = Frames.request(Frames.UNKNOWN, 0, 1, new byte[size]);
      byte[] framed = Frames.framed(request);
      first.client().send(Arrays.copyOf(framed, 1 << 20));
      assertThat(first.link().read(1 << 20, Rig.LIMIT)).hasSize(1 << 20);

      var sending = Task.start(() -> second.client().send(framed));
      second.link().expectSilence(Duration.ofMillis(200));
      first.client().send(Arrays.copyOfRange(framed, 1 << 20, framed.length));

      assertThat(first.link().read(framed.length - (1 << 20), Rig.LIMIT)).isNotEmpty();
      assertThat(second.link().readFrame(Rig.LIMIT)).isEqualTo(request);
      sending.join();
    }
  }

  /** 100 KiB/s is fast enough as long as no other request waits for the budget. */
  @Test
  void aSlowRequestTimesOutSoonerWhileOthersWaitForTheBudget() throws Exception {
    int size = 6 << 20;
    byte[] request = Frames.request(Frames.UNKNOWN, 0, 1, new byte[size]);
    byte[] framed = Frames.framed(request);
    try (Rig rig =
        new Setup()
            .requestTimeout(Duration.ofSeconds(9), Duration.ofMillis(500))
            .buffered(64 << 20, 10 << 20)
            .start()) {
      Rig.Pair slow = rig.open();
      Rig.Pair other = rig.open();
      slow.client().send(Arrays.copyOf(framed, 1 << 20));
      assertThat(slow.link().read(1 << 20, Rig.LIMIT)).hasSize(1 << 20);
      var trickling =
          Task.start(() -> {
            long began = System.nanoTime();
            int sent = 1 << 20;
            try {
              while (sent < framed.length) {
                int due = (int) ((System.nanoTime() - began) / 10_000);
                int stop = Math.min(framed.length, (1 << 20) + due);
                slow.client().send(Arrays.copyOfRange(framed, sent, Math.max(sent, stop)));
                sent = Math.max(sent, stop);
                Await.pause();
              }
            } catch (IOException expected) {
              assertThat(sent).isLessThan(framed.length);
            }
          });

      var sending = Task.start(() -> other.client().send(framed));

      assertThat(other.link().readFrame(Duration.ofSeconds(20))).isEqualTo(request);
      rig.awaitEnds(CloseReason.REQUEST_TIMEOUT, 1);
      trickling.join();
      sending.join();
    }
  }

  /** The time of waiting does not count: only the time after it is limited. */
  @Test
  void timeSpentWaitingForTheBudgetDoesNotCount() throws Exception {
    byte[] request = Frames.request(Frames.UNKNOWN, 0, 1, new byte[6 << 20]);
    byte[] framed = Frames.framed(request);
    try (Rig rig =
        new Setup()
            .requestTimeout(Duration.ofSeconds(9), Duration.ofSeconds(3))
            .buffered(64 << 20, 10 << 20)
            .start()) {
      Rig.Pair first = rig.open();
      Rig.Pair second = rig.open();
      first.client().send(Arrays.copyOf(framed, 1 << 20));
      assertThat(first.link().read(1 << 20, Rig.LIMIT)).hasSize(1 << 20);
      // In two reads, since the first request is larger than one read.
      second.client().send(Arrays.copyOf(framed, 20_000));
      second.link().expectSilence(Duration.ofMillis(300));
      second.client().send(Arrays.copyOfRange(framed, 20_000, 80_000));
      Task<byte[]> taken = Task.call(() -> first.link().read(framed.length - (1 << 20), LONG));

      // Fast enough, but so slow that the other waits longer than the request timeout.
      paced(first.client(), framed, 1 << 20, 1_200_000);

      assertThat(taken.join()).hasSize(framed.length - (1 << 20));
      Task<byte[]> other = Task.call(() -> second.link().readFrame(LONG));
      paced(second.client(), framed, 80_000, 2 << 20);
      assertThat(other.join()).isEqualTo(request);
      assertThat(rig.figures().ends(CloseReason.REQUEST_TIMEOUT)).isZero();
    }
  }

  private static final Duration LONG = Duration.ofSeconds(20);

  /** Sends the rest of a frame at this rate in bytes per second. */
  private static void paced(RawClient client, byte[] framed, int sent, int rate)
      throws IOException {
    long began = System.nanoTime();
    int from = sent;
    int at = sent;
    while (at < framed.length) {
      long due = from + (System.nanoTime() - began) * rate / 1_000_000_000L;
      int stop = (int) Math.min(framed.length, due);
      client.send(Arrays.copyOfRange(framed, at, Math.max(at, stop)));
      at = Math.max(at, stop);
      Await.pause();
    }
  }

  @Test
  void aClientThatClosesReleasesItsReservation() throws Exception {
    int size = 6 << 20;
    try (Rig rig = new Setup().buffered(64 << 20, 10 << 20).start()) {
      byte[] request = Frames.request(Frames.UNKNOWN, 0, 1, new byte[size]);
      for (int i = 0; i < 5; i++) {
        Rig.Pair pair = rig.open();
        pair.client().send(Arrays.copyOf(Frames.framed(request), 1 << 20));
        assertThat(pair.link().read(1 << 20, Rig.LIMIT)).hasSize(1 << 20);
        pair.client().reset();
        pair.link().expectClosed(AT_ONCE);
      }
      Rig.Pair last = rig.open();
      var sending = Task.start(() -> last.client().sendFrame(request));
      assertThat(last.link().readFrame(Rig.LIMIT)).isEqualTo(request);
      sending.join();
    }
  }
}
