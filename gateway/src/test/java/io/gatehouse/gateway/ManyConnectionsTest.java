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
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Many connections, and the limits on them. */
class ManyConnectionsTest {

  private static final int MANY = 1000;
  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private static final byte[] REQUEST = Frames.request(Frames.UNKNOWN, 0, 1, new byte[30]);
  private static final byte[] RESPONSE = Frames.response(1, new byte[30]);

  /** {@link Rig.Pair#exchange} within a second. */
  private static void exchangeAtOnce(Rig.Pair pair) throws IOException {
    pair.client().sendFrame(REQUEST);
    assertThat(pair.link().readFrame(AT_ONCE)).isEqualTo(REQUEST);
    pair.link().sendFrame(RESPONSE);
    assertThat(pair.client().readFrame(AT_ONCE)).isEqualTo(RESPONSE);
  }

  /** Exchanges continue while the work is done. */
  private static void serveMeanwhile(Rig.Pair pair, Task<Boolean> work) throws IOException {
    int exchanges = 0;
    while (!work.isDone() || exchanges < 3) {
      exchangeAtOnce(pair);
      exchanges++;
    }
    work.join();
  }

  private static void awaitOpen(Rig rig, int count) {
    Gateway gateway = rig.gateway();
    Await.until(
        () -> gateway.metrics().openConnections() + " open, " + gateway.health(),
        () ->
            gateway.metrics().openConnections() == count
                && gateway.health().connections() == count);
  }

  @Test
  void silentConnectionsDoNotDelayOthers() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      serveMeanwhile(
          pair,
          Task.start(() -> {
            for (int i = 0; i < MANY; i++) {
              var _ = rig.connect();
            }
            awaitOpen(rig, MANY + 1);
          }));
      exchangeAtOnce(rig.open());
      awaitOpen(rig, MANY + 2);
    }
  }

  @Test
  void connectionsThatCloseAtOnceDoNotDelayOthers() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      serveMeanwhile(
          pair,
          Task.start(() -> {
            for (int i = 0; i < MANY; i++) {
              RawClient.connect(rig.address().host(), rig.address().port()).close();
            }
          }));
      awaitOpen(rig, 1);
    }
  }

  @Test
  void connectionsThatSendAndResetDoNotDelayOthers() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      var storm =
          Task.start(() -> {
            for (int i = 0; i < MANY; i++) {
              RawClient.connect(rig.address().host(), rig.address().port())
                  .sendFrame(REQUEST)
                  .reset();
            }
          });
      serveMeanwhile(pair, storm);
      awaitOpen(rig, 1);
      assertThat(rig.gateway().metrics().inFlight()).isZero();
      assertThat(rig.figures().ends(CloseReason.INTERNAL_ERROR)).isZero();
    }
  }

  @Test
  void theTotalNumberOfConnectionsIsLimited() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = new Setup().connections(3, 0).start()) {
      List<Rig.Pair> admitted = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        admitted.add(rig.open());
      }

      rig.connect().expectClosed(AT_ONCE);

      rig.awaitEnds(CloseReason.TOO_MANY_CONNECTIONS, 1);
      log.await(CloseReason.TOO_MANY_CONNECTIONS.text());
      for (Rig.Pair pair : admitted) {
        exchangeAtOnce(pair);
      }
      admitted.getFirst().client().close();
      awaitOpen(rig, 2);
      exchangeAtOnce(rig.open());
    }
  }

  @Test
  void connectionsPerAddressAreLimited() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = new Setup().connections(0, 2).start()) {
      Rig.Pair first = rig.open();
      Rig.Pair second = rig.open();

      rig.connect().expectClosed(AT_ONCE);

      rig.awaitEnds(CloseReason.TOO_MANY_FROM_ADDRESS, 1);
      log.await(CloseReason.TOO_MANY_FROM_ADDRESS.text());
      // Connections from other addresses are accepted.
      try (Socket elsewhere = new Socket()) {
        elsewhere.bind(new InetSocketAddress(java.net.InetAddress.getByName("127.0.0.5"), 0));
        elsewhere.connect(new InetSocketAddress(rig.address().host(), rig.address().port()));
        RawClient other = RawClient.over(elsewhere);
        exchangeAtOnce(new Rig.Pair(other, accepted(rig, other)));
      }
      exchangeAtOnce(first);
      second.client().close();
      rig.awaitEnds(CloseReason.CLIENT_CLOSED, 2);
      exchangeAtOnce(rig.open());
    }
  }

  private static RawClient accepted(Rig rig, RawClient client) throws IOException {
    client.sendFrame(REQUEST);
    RawClient link = rig.broker().accept();
    assertThat(link.readFrame(AT_ONCE)).isEqualTo(REQUEST);
    link.sendFrame(RESPONSE);
    assertThat(client.readFrame(AT_ONCE)).isEqualTo(RESPONSE);
    return link;
  }
}
