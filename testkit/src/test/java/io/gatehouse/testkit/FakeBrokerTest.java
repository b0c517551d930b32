package io.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.testkit.FakeBroker.Reply;
import io.gatehouse.testkit.FakeBroker.Then;
import io.gatehouse.testkit.RawClient.End;
import io.gatehouse.testkit.RawClient.Header;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@link FakeBroker} and {@link RawClient}, tested with each other. */
class FakeBrokerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration MOMENT = Duration.ofMillis(200);
  private static final byte[] BODY = {7, 8, 9};

  private static RawClient connect(FakeBroker broker) throws IOException {
    return RawClient.connect(broker.host(), broker.port());
  }

  @Test
  void requestsAreReadAndAnswered() throws IOException {
    try (FakeBroker broker = FakeBroker.start(request -> request.answer(BODY));
        RawClient client = connect(broker).clientId("me")) {
      assertThat(client.request(Header.V1, 3, 1, new byte[] {5})).isEqualTo(1);
      assertThat(client.readFrame(PATIENCE)).containsExactly(0, 0, 0, 1, 7, 8, 9);
      assertThat(client.request(Header.V2, 3, 9, new byte[] {5})).isEqualTo(2);
      assertThat(client.readFrame(PATIENCE)).containsExactly(0, 0, 0, 2, 7, 8, 9);
      client.clientId(null).request(Header.V1, 3, 1, new byte[0]);
      client.request(Header.V0, 7, 0, new byte[0]);
      var requests = broker.awaitRequests(4, PATIENCE);
      assertThat(requests.get(0).frame())
          .containsExactly(0, 3, 0, 1, 0, 0, 0, 1, 0, 2, 'm', 'e', 5);
      assertThat(requests.get(1).frame())
          .containsExactly(0, 3, 0, 9, 0, 0, 0, 2, 0, 2, 'm', 'e', 0, 5);
      assertThat(requests.get(1).apiKey()).isEqualTo((short) 3);
      assertThat(requests.get(1).version()).isEqualTo((short) 9);
      assertThat(requests.get(2).frame()).containsExactly(0, 3, 0, 1, 0, 0, 0, 3, -1, -1);
      assertThat(requests.get(3).frame()).containsExactly(0, 7, 0, 0, 0, 0, 0, 4);
      assertThat(broker.bytes()).isEqualTo(4 * 4 + 13 + 14 + 10 + 8);
    }
  }

  @Test
  void flexibleAnswersHaveEmptyTags() throws IOException {
    try (FakeBroker broker = FakeBroker.start(request -> request.answerFlexible(BODY));
        RawClient client = connect(broker)) {
      client.request(Header.V2, 3, 9, new byte[0]);
      assertThat(client.readFrame(PATIENCE)).containsExactly(0, 0, 0, 1, 0, 7, 8, 9);
    }
  }

  @Test
  void connectionsEndAsTold() throws IOException {
    try (FakeBroker broker =
        FakeBroker.start(request ->
            switch (request.apiKey()) {
              case 1 -> Reply.nothing().then(Then.FIN);
              case 2 -> Reply.nothing().then(Then.RST);
              case 3 -> Reply.cutShort(BODY, 2, Then.FIN);
              case 4 -> Reply.cutShort(BODY, 2, Then.RST);
              default -> throw new IllegalStateException("not in the script");
            })) {
      assertThat(endAfter(broker, 1)).isEqualTo(End.FIN);
      assertThat(endAfter(broker, 2)).isEqualTo(End.RST);
      assertThat(endAfter(broker, 5)).isEqualTo(End.RST);
      try (RawClient client = connect(broker)) {
        client.request(Header.V1, 3, 0, new byte[0]);
        assertThatThrownBy(() -> client.readFrame(PATIENCE))
            .isInstanceOf(EOFException.class)
            .hasMessageContaining("after 2 of 3 bytes");
      }
      try (RawClient client = connect(broker)) {
        client.request(Header.V1, 4, 0, new byte[0]);
        assertThatThrownBy(() -> client.readFrame(PATIENCE)).isInstanceOf(SocketException.class);
      }
      broker.awaitOpen(0, PATIENCE);
      assertThat(broker.accepted()).isEqualTo(5);
    }
  }

  private static End endAfter(FakeBroker broker, int apiKey) throws IOException {
    try (RawClient client = connect(broker)) {
      client.request(Header.V1, apiKey, 0, new byte[0]);
      return client.expectClosed(PATIENCE);
    }
  }

  @Test
  void noResponseIsSent() throws IOException {
    try (FakeBroker broker = FakeBroker.start(_ -> Reply.nothing());
        RawClient client = connect(broker)) {
      client.request(Header.V1, 3, 0, new byte[0]);
      client.expectSilence(MOMENT);
      assertThatThrownBy(() -> client.readFrame(MOMENT)).isInstanceOf(SocketTimeoutException.class);
      assertThatThrownBy(() -> client.expectClosed(MOMENT)).isInstanceOf(AssertionError.class);
      broker.all(Reply.raw(new byte[] {1, 2}));
      assertThat(client.read(2, PATIENCE)).containsExactly(1, 2);
      broker.all(Reply.raw(new byte[] {1}));
      assertThatThrownBy(() -> client.expectClosed(PATIENCE)).isInstanceOf(AssertionError.class);
      broker.all(Reply.nothing().then(Then.FIN));
      assertThat(client.expectClosed(PATIENCE)).isEqualTo(End.FIN);
      assertThatThrownBy(() -> client.expectSilence(MOMENT)).isInstanceOf(AssertionError.class);
      assertThatThrownBy(() -> broker.awaitRequests(2, MOMENT))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("there are 1 requests");
    }
  }

  @Test
  void clientsEndingsAreSeen() throws IOException {
    try (FakeBroker broker = FakeBroker.start(request -> request.answer(BODY))) {
      try (RawClient client = connect(broker)) {
        broker.awaitOpen(1, PATIENCE);
        client.request(Header.V1, 3, 0, new byte[0]);
        client.finish();
        assertThat(client.readFrame(PATIENCE)).hasSize(7);
        assertThat(client.expectClosed(PATIENCE)).isEqualTo(End.FIN);
      }
      RawClient client = connect(broker);
      client.send((byte) 0, (byte) 0);
      client.reset();
      broker.awaitAccepted(2, PATIENCE);
      broker.awaitOpen(0, PATIENCE);
    }
  }

  @Test
  void connectionsAreRefusedAndAcceptedAgain() throws IOException {
    try (FakeBroker broker = FakeBroker.start(request -> request.answer(BODY))) {
      broker.refuse();
      // Refused, or reset where the kernel had begun to accept it.
      assertThatThrownBy(() -> connect(broker)).isInstanceOf(SocketException.class);
      broker.listen();
      broker.greet(Reply.nothing().then(Then.RST));
      assertThat(endOfGreeting(broker)).isEqualTo(End.RST);
      broker.greet(Reply.nothing());
      try (RawClient client = connect(broker)) {
        client.request(Header.V1, 3, 0, new byte[0]);
        assertThat(client.readFrame(PATIENCE)).hasSize(7);
      }
    }
  }

  private static End endOfGreeting(FakeBroker broker) throws IOException {
    try (RawClient client = connect(broker)) {
      return client.expectClosed(PATIENCE);
    } catch (SocketException e) {
      return End.RST; // so soon that connecting failed
    }
  }

  @Test
  void anIgnoredConnectionIsNotRead() throws IOException {
    try (FakeBroker broker = FakeBroker.start(_ -> Reply.nothing().then(Then.DEAF));
        RawClient client = connect(broker)) {
      client.request(Header.V1, 3, 0, new byte[0]);
      client.request(Header.V1, 3, 0, new byte[0]);
      broker.awaitRequests(1, PATIENCE);
      client.expectSilence(MOMENT);
      assertThat(broker.requests()).hasSize(1);
    }
  }
}
