package io.gatehouse.gateway.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.gateway.settings.HostPort;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rate, bounds and filters, without traffic. */
class TapTest {

  private static final Duration NO_TIME = Duration.ZERO;
  private static final int KEY = 3;

  private final Taps taps = new Taps();

  private static TapOptions order(TapFilter filter, boolean bodies, int rate, int count) {
    return new TapOptions(filter, bodies, rate, count, Duration.ZERO);
  }

  private Tap open(TapOptions order) {
    return Objects.requireNonNull(taps.open(order));
  }

  private static TapFrame frame(@Nullable String clientId, int bytes) {
    return new TapFrame(
        0,
        new TapFrame.Peer(
            "main",
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 5000),
            clientId,
            "User:al"),
        new TapFrame.Request(KEY, 0, 9),
        bytes,
        1_500_000,
        new HostPort("broker", 9092));
  }

  @Test
  void aLineShowsTheRequestHeader() throws Exception {
    try (Tap tap = open(order(TapFilter.ALL, false, 1, 0))) {
      tap.offer(frame("app", 20), null, System.nanoTime());

      assertThat(tap.next(NO_TIME))
          .isEqualTo(
              "{\"time\":\"1970-01-01T00:00:00Z\",\"direction\":\"response\",\"listener\":\"main\","
                  + "\"client\":\"127.0.0.1:5000\",\"clientId\":\"app\",\"principal\":\"User:al\","
                  + "\"api\":\"Metadata\",\"apiKey\":3,\"version\":0,\"correlationId\":9,"
                  + "\"bytes\":20,\"latencyMs\":1.500,\"broker\":\"broker:9092\"}");
      assertThat(tap.next(NO_TIME)).isNull();
    }
  }

  @Test
  void framesOverTheRateAreCountedAndShownAgainWhenDue() throws Exception {
    try (Tap tap = open(order(TapFilter.ALL, false, 10, 0))) {
      long now = System.nanoTime();
      for (int i = 0; i < 25; i++) {
        tap.offer(frame("app", 20), null, now);
      }
      tap.offer(frame("late", 20), null, now + TimeUnit.MILLISECONDS.toNanos(100));

      assertThat(tap.next(NO_TIME)).endsWith("\"dropped\":0,\"overRate\":15}");
      for (int i = 0; i < 10; i++) {
        assertThat(tap.next(NO_TIME)).contains("\"clientId\":\"app\"");
      }
      assertThat(tap.next(NO_TIME)).contains("\"clientId\":\"late\"");
      assertThat(tap.next(NO_TIME)).isNull();
      assertThat(tap.shown()).isEqualTo(11);
    }
  }

  @Test
  void theQueueIsBounded() throws Exception {
    ByteBuf body = Unpooled.buffer().writeZero(60_000);
    try (Tap tap = open(order(TapFilter.ALL, true, TapOptions.MAX_RATE, 0))) {
      for (int i = 0; i < 100; i++) {
        tap.offer(frame("app", 60_004), body, System.nanoTime());
      }
      assertThat(taps.queuedBytes()).isBetween(1_900_000L, (long) Tap.MAX_BYTES);
      assertThat(tap.next(NO_TIME)).endsWith("\"dropped\":66,\"overRate\":0}");
      while (tap.next(NO_TIME) != null) {
        // Empties the queue.
      }
      assertThat(taps.queuedBytes()).isZero();
      for (int i = 0; i < Tap.MAX_FRAMES + 10; i++) {
        tap.offer(frame("app", 70_000), null, System.nanoTime());
      }
      assertThat(taps.queuedBytes()).isLessThan(Tap.MAX_BYTES);
    }
  }

  @Test
  void endsAfterItsCountItsTimeOrWhenAllAreClosed() throws Exception {
    Tap counted = open(order(TapFilter.ALL, false, 100, 2));
    for (int i = 0; i < 3; i++) {
      counted.offer(frame("app", 20), null, System.nanoTime());
    }
    assertThat(counted.next(NO_TIME)).isNotNull();
    assertThat(counted.isEnded()).isFalse();
    assertThat(counted.next(NO_TIME)).isNotNull();
    assertThat(counted.isEnded()).isTrue();
    assertThat(counted.next(Duration.ofMinutes(1))).isNull();
    counted.close();

    try (Tap timed = open(new TapOptions(TapFilter.ALL, false, 1, 0, Duration.ofMillis(20)))) {
      assertThat(timed.next(Duration.ofMinutes(1))).isNull();
      assertThat(timed.isEnded()).isTrue();
    }
    try (Tap tap = open(order(TapFilter.ALL, false, 1, 0))) {
      Thread.ofVirtual().start(taps::closeAll);
      assertThat(tap.next(Duration.ofMinutes(1))).isNull();
      assertThat(tap.isEnded()).isTrue();
    }
    assertThat(taps.open()).isNull();
  }

  @Test
  void theNumberOfOpenTapsIsLimited() {
    TapOptions order = order(TapFilter.ALL, false, 1, 0);
    Tap first = open(order);
    for (int i = 1; i < Taps.MAX_OPEN; i++) {
      open(order);
    }
    assertThat(taps.open(order)).isNull();
    first.close();
    first.close();
    assertThat(taps.count()).isEqualTo(Taps.MAX_OPEN - 1);
    open(order);
    taps.closeAll();
    assertThat(taps.count()).isZero();
  }

  @Test
  void filtersByListenerAndApi() {
    TapFrame.Peer peer = frame("app", 20).peer();
    assertThat(TapFilter.ALL.matches(peer, KEY)).isTrue();
    assertThat(new TapFilter("main", null, Set.of(1, KEY)).matches(peer, KEY)).isTrue();
    assertThat(new TapFilter("main", null, Set.of(1)).matches(peer, KEY)).isFalse();
    assertThat(new TapFilter("other", null, Set.of()).matches(peer, KEY)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1, 7, true",
    "127.0.0.1:7, 127.0.0.1, 7, true",
    "127.0.0.1:8, 127.0.0.1, 7, false",
    "127.0.0.2, 127.0.0.1, 7, false",
    "::1, ::1, 7, true",
    "[::1]:7, ::1, 7, true",
    "[::1], ::1, 7, true",
    "[::1]:8, ::1, 7, false",
    "app, 127.0.0.1, 7, true",
    "other, 127.0.0.1, 7, false",
    "1, 0.0.0.1, 7, false",
  })
  void filtersByClient(String text, String address, int port, boolean expected) {
    InetSocketAddress of = new InetSocketAddress(address, port);
    assertThat(TapFilter.Client.of(text).matches(of, "app")).isEqualTo(expected);
    assertThat(TapFilter.Client.of("a:b:c").matches(of, "a:b:c")).isTrue();
    assertThat(TapFilter.Client.of("999.1.1.1").matches(of, "999.1.1.1")).isTrue();
  }

  @Test
  void refusesInvalidRates() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> order(TapFilter.ALL, false, 0, 0))
        .withMessage("the rate is 0, and must be from 1 to 10000 a second");
  }
}
