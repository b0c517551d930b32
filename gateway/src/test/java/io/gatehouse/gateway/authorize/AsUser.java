package io.gatehouse.gateway.authorize;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.tree.Struct;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sends requests as a user to a port of this host. */
record AsUser(int port, String user, String password) {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int AUTHENTICATE = 36;

  RawClient connect() throws IOException {
    RawClient client = RawClient.connect("localhost", port);
    Call handshake =
        new Call(
            Frames.SASL_HANDSHAKE,
            1,
            Frames.newRequest(Frames.SASL_HANDSHAKE, 1).set("Mechanism", "PLAIN"));
    client.sendFrame(handshake.frame(1));
    var _ = client.readFrame(LIMIT);
    byte[] token = ("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8);
    Call login =
        new Call(AUTHENTICATE, 1, Frames.newRequest(AUTHENTICATE, 1).set("AuthBytes", token));
    client.sendFrame(login.frame(2));
    Struct answer = Frames.readResponse(AUTHENTICATE, 1, client.readFrame(LIMIT));
    assertThat(answer.getInt("ErrorCode")).as("login of %s", user).isZero();
    return client;
  }

  /**
   * The answers in order; null where the peer has closed the connection instead. All requests are
   * sent at once, but one by one from the first without an answer on, to know which it was.
   */
  List<byte @Nullable []> ask(List<Call> calls) throws IOException {
    List<byte @Nullable []> answers = new ArrayList<>();
    try (RawClient client = connect()) {
      Thread.ofVirtual().start(() -> send(client, calls));
      while (answers.size() < calls.size()) {
        answers.add(read(client));
      }
      return answers;
    } catch (EOFException | SocketException e) {
      // Which request it was is found out below.
    }
    while (answers.size() < calls.size()) {
      try (RawClient client = connect()) {
        while (answers.size() < calls.size()) {
          client.sendFrame(calls.get(answers.size()).frame(0));
          answers.add(read(client));
        }
      } catch (EOFException | SocketException e) {
        answers.add(null);
      }
    }
    return answers;
  }

  /** Sends a request on a connection and returns the body of its answer. */
  static Struct ask(RawClient client, Call call) throws IOException {
    client.sendFrame(call.frame(0));
    return Frames.readResponse(call.api(), call.version(), read(client));
  }

  private static byte[] read(RawClient client) throws IOException {
    return client.readFrame(LIMIT);
  }

  private static void send(RawClient client, List<Call> calls) {
    try {
      for (Call call : calls) {
        client.sendFrame(call.frame(0));
      }
    } catch (IOException e) {
      // The reader learns of the end of the connection.
    }
  }
}
