package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.testkit.RawClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that send other protocols, or nothing, get an answer in their protocol and are closed. */
class ForeignProtocolsTest {

  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  @Test
  void aTlsClientGetsAnAlert() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = Rig.start();
        SSLSocket socket =
            (SSLSocket)
                SSLSocketFactory.getDefault()
                    .createSocket(rig.address().host(), rig.address().port())) {
      assertThatThrownBy(socket::startHandshake)
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("unexpected_message");
      log.await(CloseReason.TLS_ON_PLAINTEXT.text());
      rig.awaitEnds(CloseReason.TLS_ON_PLAINTEXT, 1);
      rig.broker().expectNoConnection(Duration.ofMillis(10));
    }
  }

  @Test
  void anHttpClientGetsAnHttpResponse() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = Rig.start();
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create("http://" + rig.address() + "/topics")).build(),
              HttpResponse.BodyHandlers.ofString());

      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(response.body()).contains("Kafka");
      log.await(CloseReason.HTTP_ON_KAFKA.text());
      rig.awaitEnds(CloseReason.HTTP_ON_KAFKA, 1);
      rig.broker().expectNoConnection(Duration.ofMillis(10));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.0\r\n\r\n",
        "HEAD / HTTP/1.1\r\n\r\n",
        "POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
        "PUT / HTTP/1.1\r\n\r\n",
        "DELETE / HTTP/1.1\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\n\r\n",
        "PATCH / HTTP/1.1\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
      })
  void everyHttpMethodIsDetected(String request) throws Exception {
    try (Rig rig = Rig.start()) {
      RawClient client = rig.connect();
      // Four bytes suffice. More could arrive after the close, and the reset would drop the answer.
      for (byte each : request.substring(0, 4).getBytes(StandardCharsets.US_ASCII)) {
        client.send(each);
      }

      String answer = new String(client.read(24, Rig.LIMIT), StandardCharsets.US_ASCII);

      assertThat(answer).isEqualTo("HTTP/1.1 400 Bad Request");
      rig.awaitEnds(CloseReason.HTTP_ON_KAFKA, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, 0, 7, Integer.MAX_VALUE, (100 << 20) + 1})
  void anInvalidFrameLength(int length) throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = Rig.start()) {
      RawClient client = rig.connect();
      client.send(ByteBuffer.allocate(4).putInt(length).array());

      client.expectClosed(AT_ONCE);
      rig.awaitEnds(CloseReason.NOT_KAFKA, 1);
      log.await("a request of " + length + " bytes");
      rig.broker().expectNoConnection(Duration.ofMillis(10));
    }
  }

  @Test
  void aRequestLargerThanAllowed() throws Exception {
    try (Rig rig = new Setup().frameBytes(10_000).start()) {
      Rig.Pair pair = rig.open();
      byte[] largest = Frames.request(Frames.UNKNOWN, 0, 1, new byte[10_000 - 10]);
      pair.exchange(largest, Frames.response(1, new byte[20_000]));

      pair.client().send(ByteBuffer.allocate(4).putInt(10_001).array());

      pair.client().expectClosed(AT_ONCE);
      pair.link().expectClosed(AT_ONCE);
      rig.awaitEnds(CloseReason.FRAME_TOO_LARGE, 1);
    }
  }

  @Test
  void randomBytesNeverHangOrBreakTheGateway() throws Exception {
    try (Rig rig = new Setup().eventLoops(1).start()) {
      for (int i = 0; i < 100; i++) {
        RawClient client = rig.connect();
        byte[] noise = Seed.bytes(Seed.random("noise", i), 200);
        noise[0] |= (byte) 0x80; // a negative length is never a valid request
        client.send(noise);
        client.expectClosed(AT_ONCE);
      }
      rig.awaitEnds(CloseReason.NOT_KAFKA, 100);
      rig.open()
          .exchange(
              Frames.request(Frames.UNKNOWN, 0, 1, new byte[3]), Frames.response(1, new byte[3]));
      assertThat(rig.figures().ends(CloseReason.INTERNAL_ERROR)).isZero();
    }
  }

  @Test
  void aClientThatSendsNothingInTime() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig =
            new Setup().requestTimeout(Duration.ofMillis(200), Duration.ofSeconds(30)).start()) {
      RawClient silent = rig.connect();
      RawClient slow = rig.connect();
      slow.send((byte) 0, (byte) 0, (byte) 0);
      Rig.Pair good = rig.open();

      rig.awaitEnds(CloseReason.FIRST_REQUEST_TIMEOUT, 2);

      silent.expectClosed(AT_ONCE);
      slow.expectClosed(AT_ONCE);
      log.await(CloseReason.FIRST_REQUEST_TIMEOUT.text());
      good.exchange(
          Frames.request(Frames.UNKNOWN, 0, 1, new byte[3]), Frames.response(1, new byte[3]));
    }
  }

  @Test
  void anIdleConnection() throws Exception {
    try (LogLines log = LogLines.ofConnections();
        Rig rig = new Setup().idleTimeout(Duration.ofMillis(1500)).start()) {
      Rig.Pair idle = rig.open();
      Rig.Pair waiting = rig.open();
      byte[] request = Frames.request(Frames.UNKNOWN, 0, 1, new byte[3]);
      waiting.client().sendFrame(request);
      var _ = waiting.link().readFrame(Rig.LIMIT);

      rig.awaitEnds(CloseReason.IDLE, 1);

      idle.client().expectClosed(AT_ONCE);
      idle.link().expectClosed(AT_ONCE);
      log.await(CloseReason.IDLE.text());
      // A connection with a pending response is not idle: a fetch may wait long for records.
      waiting.link().sendFrame(Frames.response(1, new byte[9]));
      assertThat(waiting.client().readFrame(Rig.LIMIT)).hasSize(13);
    }
  }
}
