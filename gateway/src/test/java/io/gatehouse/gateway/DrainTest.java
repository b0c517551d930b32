package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.DrainSettings;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawClient.End;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** A gateway drains its connections without losing a response. */
class DrainTest {

  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private static byte[] request(int id) {
    return Frames.request(Frames.UNKNOWN, 0, id, new byte[200]);
  }

  private static void join(Rig rig) throws Exception {
    rig.gateway().drain().get(Rig.LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(rig.gateway().metrics().openConnections()).isZero();
  }

  @Test
  void newConnectionsAreRefused() throws Exception {
    try (Rig rig = Rig.start()) {
      Await.until(() -> "not ready", () -> rig.gateway().health().isReady());

      var done = rig.gateway().drain();

      assertThat(rig.gateway().health().isReady()).isFalse();
      assertThat(rig.gateway().health().draining()).isTrue();
      Await.until(() -> "it still listens", () -> isRefused(rig));
      done.get(1, TimeUnit.SECONDS);
      assertThat(rig.gateway().drain()).as("asked again").isSameAs(done);
    }
  }

  private static boolean isRefused(Rig rig) throws IOException {
    try {
      rig.connect().close();
      return false;
    } catch (ConnectException e) {
      return true;
    }
  }

  @Test
  void requestsInFlightAreAnswered() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      pair.client().send(Frames.framed(request(1), request(2)));
      var _ = pair.link().readFrame(Rig.LIMIT);
      var _ = pair.link().readFrame(Rig.LIMIT);

      var done = rig.gateway().drain();
      assertThat(done).isNotDone();
      for (int id = 1; id <= 2; id++) {
        byte[] answer = Frames.response(id, new byte[100_000]);
        pair.link().sendFrame(answer);
        assertThat(pair.client().readFrame(Rig.LIMIT)).isEqualTo(answer);
      }

      assertThat(pair.client().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
      assertThat(pair.link().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
      pair.client().close();
      join(rig);
      assertThat(rig.figures().ends(CloseReason.DRAINED)).isEqualTo(1);
    }
  }

  @Test
  void anIncompleteRequestIsCompletedAndAnswered() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      byte[] framed = Frames.framed(request(1));
      pair.client().send(java.util.Arrays.copyOf(framed, 50));
      assertThat(pair.link().read(50, Rig.LIMIT)).hasSize(50);

      var done = rig.gateway().drain();
      pair.client().expectSilence(Duration.ofMillis(100));
      pair.client().send(java.util.Arrays.copyOfRange(framed, 50, framed.length));
      assertThat(pair.link().read(framed.length - 50, Rig.LIMIT)).isNotEmpty();
      pair.link().sendFrame(Frames.response(1, new byte[5]));

      assertThat(pair.client().readFrame(Rig.LIMIT)).hasSize(9);
      assertThat(pair.client().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
      done.get(10, TimeUnit.SECONDS);
    }
  }

  /**
   * Without takeover the next process starts only after this one has ended, so the drain is fast.
   */
  @Test
  void idleConnectionsCloseAtOnceAndBusyOnesAfterTheirResponses() throws Exception {
    try (Rig rig = new Setup().drain(Duration.ofMinutes(10)).start()) {
      Rig.Pair idle = rig.open();
      Rig.Pair busy = rig.open();
      busy.client().sendFrame(request(1));
      var _ = busy.link().readFrame(Rig.LIMIT);

      var done = rig.gateway().drain();

      assertThat(idle.client().expectClosed(Rig.LIMIT)).isEqualTo(End.FIN);
      idle.client().close();
      busy.client().expectSilence(Duration.ofMillis(100));
      byte[] answer = Frames.response(1, new byte[50]);
      busy.link().sendFrame(answer);
      assertThat(busy.client().readFrame(Rig.LIMIT)).isEqualTo(answer);
      assertThat(busy.client().expectClosed(Rig.LIMIT)).isEqualTo(End.FIN);
      busy.client().close();
      done.get(Rig.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** The gateway reports that it is not ready first, and load balancers get time to notice. */
  @Test
  void servesDuringTheDelayAndIsNotReady() throws Exception {
    DrainSettings settings = new DrainSettings(AT_ONCE, true, Duration.ofSeconds(3));
    try (Rig rig = new Setup().drain(settings).start()) {
      long begun = System.nanoTime();
      var done = rig.gateway().drain();

      assertThat(rig.gateway().health().isReady()).isFalse();
      rig.open();
      assertThat(done).isNotDone();
      Await.until(() -> "it still listens", () -> isRefused(rig));
      assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(settings.delay().toNanos());
      join(rig);
    }
  }

  @Test
  void connectionsCloseOneByOneIfTheDrainIsSpread() throws Exception {
    int count = 12;
    DrainSettings settings = new DrainSettings(Duration.ofMillis(1200), true, Duration.ZERO);
    try (Rig rig = new Setup().eventLoops(1).drain(settings).start()) {
      List<Rig.Pair> idle = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        idle.add(rig.open());
      }

      var done = rig.gateway().drain();
      TreeSet<Long> seen = new TreeSet<>();
      for (Rig.Pair pair : idle) {
        // clients close when they see the FIN
        Thread.ofVirtual()
            .start(() -> {
              try {
                pair.client().expectClosed(Rig.LIMIT);
                pair.client().close();
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
      }
      Await.until(
          () -> "not done, open were " + seen,
          () -> {
            seen.add(rig.gateway().metrics().openConnections());
            return done.isDone();
          });

      assertThat(seen).as("how many were open at a time").hasSizeGreaterThan(count / 2);
      assertThat(rig.figures().ends(CloseReason.DRAINED)).isEqualTo(count);
    }
  }

  @Test
  void aClientThatKeepsPipeliningLosesNoResponse() throws Exception {
    try (Rig rig = new Setup().drain(Duration.ofSeconds(1)).start()) {
      Rig.Pair pair = rig.open();
      AtomicBoolean ended = new AtomicBoolean();
      AtomicInteger forwarded = new AtomicInteger();
      AtomicInteger answered = new AtomicInteger();
      var sending =
          Task.start(() -> {
            for (int id = 0; !ended.get(); id++) {
              pair.client().sendFrame(request(id));
            }
          });
      var serving =
          Task.start(() -> {
            try {
              while (true) {
                byte[] request = pair.link().readFrame(Rig.LIMIT);
                int id = Frames.requestCorrelationId(request);
                assertThat(id).isEqualTo(forwarded.getAndIncrement());
                pair.link().sendFrame(Frames.response(id, new byte[50]));
              }
            } catch (EOFException e) {
              assertThat(e).as("an end between requests").hasMessageContaining("0 of 4");
            }
          });
      var receiving =
          Task.start(() -> {
            try {
              while (true) {
                byte[] answer = pair.client().readFrame(Rig.LIMIT);
                assertThat(Frames.responseCorrelationId(answer))
                    .isEqualTo(answered.getAndIncrement());
              }
            } catch (EOFException e) {
              assertThat(e).as("an end between answers").hasMessageContaining("0 of 4");
            } finally {
              ended.set(true);
            }
          });
      Await.until(() -> answered + " answers", () -> answered.get() > 500);

      join(rig);

      receiving.join();
      serving.join();
      sending.join();
      assertThat(answered.get()).isEqualTo(forwarded.get());
    }
  }

  /** A response counts as delivered when it was flushed to the socket, not when it was written. */
  @Test
  void aSlowReaderGetsAllResponsesWithinTheDrainTime() throws Exception {
    try (Rig rig = new Setup().kernelBuffers(16 << 10, 0).drain(Duration.ofSeconds(20)).start()) {
      Rig.Pair pair = rig.open(8 << 10);
      pair.client().sendFrame(Frames.request(Frames.UNKNOWN, 0, 5, new byte[10]));
      var _ = pair.link().readFrame(Rig.LIMIT);
      pair.link().sendFrame(Frames.response(5, new byte[60_000]));
      Await.until(
          () -> rig.gateway().metrics().inFlight() + " in flight",
          () -> rig.gateway().metrics().inFlight() == 0);

      var drained = rig.gateway().drain();

      pair.link().expectClosed(Rig.LIMIT);
      // longer than the linger time of one second plus a tick
      assertThatThrownBy(() -> drained.get(3, TimeUnit.SECONDS))
          .isInstanceOf(TimeoutException.class);
      assertThat(pair.client().readFrame(Rig.LIMIT)).hasSize(60_004);
      drained.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void remainingConnectionsAreClosedAfterTheDrainTime() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = new Setup().drain(Duration.ofMillis(200)).start()) {
      Rig.Pair hanging = rig.open();
      hanging.client().sendFrame(request(1));
      var _ = hanging.link().readFrame(Rig.LIMIT);

      join(rig);

      assertThat(hanging.client().expectClosed(AT_ONCE)).isEqualTo(End.FIN);
      hanging.link().expectClosed(AT_ONCE);
      log.await("with 1 requests in flight");
      assertThat(rig.gateway().metrics().inFlight()).isZero();
    }
  }

  @Test
  void clientsWithoutARequestAreClosedToo() throws Exception {
    try (Rig rig = Rig.start()) {
      RawClient silent = rig.connect();
      rig.broker().hang();
      RawClient dialling = rig.connect();
      dialling.sendFrame(request(1));
      Await.until(() -> "not two open", () -> rig.gateway().metrics().openConnections() == 2);

      join(rig);

      silent.expectClosed(AT_ONCE);
      dialling.expectClosed(AT_ONCE);
    }
  }

  /** Repeated, because earlier bugs depended on timing. */
  @RepeatedTest(30)
  void aClosedGatewayStopsListeningAndDisconnectsItsClients() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair first = rig.open();
      Rig.Pair second = rig.open();
      first.client().sendFrame(request(1));

      rig.gateway().close();

      first.client().expectClosed(AT_ONCE);
      second.client().expectClosed(AT_ONCE);
      second.link().expectClosed(AT_ONCE);
      assertThatThrownBy(rig::connect).isInstanceOf(ConnectException.class);
    }
  }
}
