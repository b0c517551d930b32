package io.gatehouse.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.SocketSettings;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Unresponsive brokers delay a client by a fraction of a second, once. */
class DialerTest {

  private static final SocketSettings.Side SIDE = SocketSettings.Side.DEFAULT;

  /** Longer than any test waits. */
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private final Loops loops = new Loops(1, new Budget(1 << 20));
  private final Sockets sockets = new Sockets(loops, new SocketSettings(SIDE, SIDE, 16, 1));
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    loops.close();
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  private Dialer dialer(Resolver.Lookup names, Duration patience) {
    return new Dialer(
        sockets, new Resolver(names), Destinations.unrestricted(Map.of()), null, () -> patience);
  }

  private Dialer dialer() {
    return dialer(InetAddress::getAllByName, TIMEOUT);
  }

  private RawBroker broker() throws Exception {
    RawBroker broker = RawBroker.start();
    open.add(broker);
    return broker;
  }

  /** An unreachable host: packets to it are dropped. */
  private RawBroker silent(String host) throws Exception {
    RawBroker broker = RawBroker.on(host);
    open.add(broker);
    broker.hang();
    return broker;
  }

  private HostPort reached(Dialer dialer, List<HostPort> brokers) {
    Future<Dialer.Connection> dial = dialer.dial(loops.next(), brokers);
    Await.until(() -> "still dialling", dial::isDone);
    assertThat(dial.cause()).isNull();
    open.add(() -> dial.getNow().channel().close());
    return dial.getNow().broker();
  }

  private String failure(Dialer dialer, List<HostPort> brokers) {
    Future<Dialer.Connection> dial = dialer.dial(loops.next(), brokers);
    Await.until(() -> "still dialling", dial::isDone);
    return String.valueOf(dial.cause().getMessage());
  }

  @Test
  void aSilentBrokerIsSkippedAndLogged() throws Exception {
    HostPort silent = silent("127.0.0.1").address();
    HostPort live = broker().address();
    Dialer dialer = dialer();
    try (LogLines log = LogLines.of("io.gatehouse.gateway.net")) {
      assertThat(reached(dialer, List.of(silent, live))).isEqualTo(live);

      assertThat(log.lines())
          .singleElement()
          .asString()
          .startsWith("WARN")
          .contains(silent + ": no answer", "connected to " + live);
      log.clear();

      // The next dial tries the failed broker last.
      assertThat(reached(dialer, List.of(silent, live))).isEqualTo(live);
      assertThat(log.lines()).isEmpty();
    }
  }

  @Test
  void aBrokerThatIsBackIsReachedDespiteItsEarlierFailure() throws Exception {
    RawBroker first = broker();
    RawBroker second = broker();
    Dialer dialer = dialer();
    List<HostPort> both = List.of(first.address(), second.address());
    first.refuse();
    assertThat(reached(dialer, both)).isEqualTo(second.address());
    second.refuse();
    first.acceptAgain();

    assertThat(reached(dialer, both)).isEqualTo(first.address());
  }

  @Test
  void manySilentBrokersDoNotHideOneThatAnswers() throws Exception {
    int port = silent("0.0.0.0").address().port();
    List<HostPort> brokers = new ArrayList<>();
    for (int i = 2; i < 11; i++) {
      brokers.add(new HostPort("127.0.0." + i, port));
    }
    HostPort live = broker().address();
    brokers.add(live);

    assertThat(reached(dialer(), brokers)).isEqualTo(live);
  }

  @Test
  void allFailuresAreNamed() throws Exception {
    HostPort silent = silent("127.0.0.1").address();
    RawBroker refusing = broker();
    refusing.refuse();

    String failure =
        failure(
            dialer(InetAddress::getAllByName, Duration.ofMillis(300)),
            List.of(refusing.address(), silent));

    assertThat(failure)
        .contains(
            "refused", refusing.address().toString(), "no answer within 300 ms from " + silent);
  }

  @Test
  void oneAddressOfANameMayBeSilent() throws Exception {
    RawBroker silent = silent("127.0.0.1");
    int port = silent.address().port();
    open.add(new ServerSocket(port, 10, InetAddress.ofLiteral("127.0.0.2")));
    HostPort named = new HostPort("kafka.internal", port);
    Dialer dialer =
        dialer(
            _ ->
                new InetAddress[] {
                  InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("127.0.0.2")
                },
            TIMEOUT);

    assertThat(reached(dialer, List.of(named))).isEqualTo(named);
  }

  @Test
  void aNameIsResolvedAgainWhileItsOldAddressIsSilent() throws Exception {
    RawBroker silent = silent("127.0.0.1");
    int port = silent.address().port();
    open.add(new ServerSocket(port, 10, InetAddress.ofLiteral("127.0.0.2")));
    HostPort named = new HostPort("kafka.internal", port);
    AtomicInteger asked = new AtomicInteger();
    Dialer dialer =
        dialer(
            _ ->
                new InetAddress[] {
                  asked.incrementAndGet() == 1
                      ? InetAddress.ofLiteral("127.0.0.1")
                      : InetAddress.ofLiteral("127.0.0.2")
                },
            TIMEOUT);

    assertThat(reached(dialer, List.of(named))).isEqualTo(named);
    assertThat(asked).hasValue(2);
  }

  @Test
  void aSlowDnsLookupDoesNotDelayOtherBrokers() throws Exception {
    HostPort live = broker().address();
    CountDownLatch over = new CountDownLatch(1);
    open.add(over::countDown);
    Dialer dialer =
        dialer(
            host -> {
              if (host.equals("slow.internal")) {
                awaitUninterruptibly(over);
              }
              return InetAddress.getAllByName(host);
            },
            TIMEOUT);

    assertThat(reached(dialer, List.of(new HostPort("slow.internal", 9092), live))).isEqualTo(live);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
