package io.gatehouse.gateway.security;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.tree.Struct;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** Sends SASL requests one by one. */
public final class RawSasl {

  static final int HANDSHAKE = Frames.SASL_HANDSHAKE;
  static final int AUTHENTICATE = 36;

  /** Result in place of an error code: the connection was closed without a response (throttled). */
  static final int CLOSED = -2;

  private static final int VERSION = 1;

  private RawSasl() {}

  /** SaslHandshake v1; the result is its error code. */
  static int handshake(RawClient client, String mechanism) throws IOException {
    return handshake(client, VERSION, mechanism);
  }

  static int handshake(RawClient client, int version, String mechanism) throws IOException {
    client.sendFrame(
        Frames.request(
            HANDSHAKE,
            version,
            11,
            Frames.newRequest(HANDSHAKE, version).set("Mechanism", mechanism)));
    return Frames.readResponse(HANDSHAKE, version, client.readFrame(Rig.LIMIT)).getInt("ErrorCode");
  }

  /** SaslAuthenticate with this token. */
  static Struct token(RawClient client, byte[] token) throws IOException {
    sendToken(client, token);
    return Frames.readResponse(AUTHENTICATE, VERSION, client.readFrame(Rig.LIMIT));
  }

  static void sendToken(RawClient client, byte[] token) throws IOException {
    client.sendFrame(
        Frames.request(
            AUTHENTICATE,
            VERSION,
            12,
            Frames.newRequest(AUTHENTICATE, VERSION).set("AuthBytes", token)));
  }

  static byte[] plainToken(String user, String password) {
    return ("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8);
  }

  /** Logs in; the result is the last error code, or {@link #CLOSED} if there is no answer. */
  public static int plain(RawClient client, String user, String password) throws IOException {
    try {
      return answerToPlain(client, user, password);
    } catch (EOFException | SocketException e) {
      return CLOSED;
    }
  }

  private static int answerToPlain(RawClient client, String user, String password)
      throws IOException {
    int refused = handshake(client, "PLAIN");
    return refused != 0 ? refused : token(client, plainToken(user, password)).getInt("ErrorCode");
  }
}
