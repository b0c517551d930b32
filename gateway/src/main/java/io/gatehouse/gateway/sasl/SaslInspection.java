package io.gatehouse.gateway.sasl;

import io.gatehouse.auth.Principal;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.Route;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Learns a client's user name from the SASL exchange that it has with a broker, for logs, audit and
 * plans. No access decision depends on it. A claimed name is accepted only after the broker has
 * accepted the token that contains it and has answered a request that requires authentication. A
 * rejected login clears it. A client's handshake or token is answered before its next request is
 * read, so there is only one pending exchange. All methods run on the event loop.
 */
public final class SaslInspection {

  /** The SASL request that the broker has not answered yet. */
  private enum Pending {
    NONE,
    HANDSHAKE,
    TOKEN
  }

  private static final String GSSAPI = "GSSAPI";

  private Pending pending = Pending.NONE;
  private boolean refused;

  /** The mechanism that the client requested, and the one that the broker has accepted. */
  private String requestedMechanism = "";

  private String mechanism = "";

  /** The name in the pending token, and in the token that the broker accepted. */
  private @Nullable String claimedName;

  private @Nullable String acceptedName;

  /**
   * Whether a token was accepted since the last handshake, and whether that login was reported to
   * the caller.
   */
  private boolean tokenAccepted;

  private boolean loginReported;
  private boolean newLogin;

  /**
   * A handshake or token that a broker rejected.
   *
   * @param name the claimed name, or null if unknown
   * @param what the reason for the audit log
   */
  public record Rejection(String mechanism, @Nullable String name, String what) {}

  /** Whether requests of this API belong to SASL. */
  public boolean isSasl(int apiKey) {
    return apiKey == Plan.SASL_HANDSHAKE || apiKey == Plan.SASL_AUTHENTICATE;
  }

  /** Whether coming responses can still change what is known of the client. */
  public boolean isActive() {
    return pending != Pending.NONE || (tokenAccepted && !loginReported);
  }

  /** Whether the broker has not answered the client's SASL request yet. */
  public boolean isAwaitingResponse() {
    return pending != Pending.NONE;
  }

  /**
   * Whether the pending token may never be answered: after SaslHandshake v0, brokers do not answer
   * the last token of GSSAPI.
   */
  public boolean mayEndWithoutResponse() {
    return pending == Pending.TOKEN && mechanism.equals(GSSAPI);
  }

  /** The pending token will not be answered. */
  public void endWithoutResponse() {
    pending = Pending.NONE;
  }

  /**
   * Inspects a SaslHandshake or SaslAuthenticate request.
   *
   * @param frame with its length; not released here
   */
  public void onRequest(ByteBuf frame) {
    short apiKey = frame.getShort(frame.readerIndex() + 4);
    short version = frame.getShort(frame.readerIndex() + 6);
    onLongRequest(apiKey);
    MessageSchema schema = Schemas.get().request(apiKey);
    if (schema == null || !schema.valid().contains(version)) {
      return;
    }
    try {
      ByteBuf body = frame.slice(frame.readerIndex() + 4, frame.readableBytes() - 4);
      Headers.readRequest(body);
      Struct request = TreeReader.read(schema.layout(version), body);
      if (pending == Pending.HANDSHAKE) {
        requestedMechanism = request.getString("Mechanism");
      } else {
        claimedName = ClaimedName.in(mechanism, request.getBytes("AuthBytes"));
      }
    } catch (MalformedMessage e) {
      // The broker reports the error.
    }
  }

  /**
   * A SASL request or token is forwarded that is too long to be inspected. It still has a response.
   */
  public void onLongRequest(int apiKey) {
    pending = apiKey == Plan.SASL_HANDSHAKE ? Pending.HANDSHAKE : Pending.TOKEN;
    requestedMechanism = pending == Pending.HANDSHAKE ? "" : requestedMechanism;
    claimedName = null;
  }

  /**
   * Inspects a token without request header.
   *
   * @param frame with its length; not released here
   */
  public void onRawToken(ByteBuf frame) {
    byte[] token = new byte[frame.readableBytes() - 4];
    frame.getBytes(frame.readerIndex() + 4, token);
    pending = Pending.TOKEN;
    claimedName = ClaimedName.in(mechanism, token);
  }

  /** The response being forwarded contains an error. */
  public void onErrorResponse() {
    refused = true;
  }

  /**
   * What the broker rejects with its response to a request of this API, or null if it rejects
   * nothing.
   */
  public @Nullable Rejection rejection(int apiKey) {
    return refused && (isSasl(apiKey) || apiKey == Route.RAW_TOKEN.apiKey())
        ? currentRejection()
        : null;
  }

  /** What the broker rejects by closing the connection now, or null if no token is pending. */
  public @Nullable Rejection rejectionByClose() {
    return pending == Pending.TOKEN ? currentRejection() : null;
  }

  private Rejection currentRejection() {
    return pending == Pending.HANDSHAKE
        ? new Rejection(
            orUnknown(requestedMechanism), null, "the broker does not support the mechanism")
        : new Rejection(
            orUnknown(mechanism),
            acceptedName == null ? claimedName : acceptedName,
            "the broker rejected the token");
  }

  private static String orUnknown(String mechanism) {
    return mechanism.isEmpty() ? "unknown" : mechanism;
  }

  /** The mechanism that the broker has accepted; {@code unknown} before that. */
  public String mechanism() {
    return orUnknown(mechanism);
  }

  /** Whether the last response was the first that shows a successful login. */
  public boolean isNewLogin() {
    return newLogin;
  }

  /**
   * A broker has answered a request of this API.
   *
   * @return the client's principal if this response confirms it, or null
   */
  public @Nullable Principal onResponse(int apiKey) {
    newLogin = false;
    if (isSasl(apiKey) || apiKey == Route.RAW_TOKEN.apiKey()) {
      if (!refused) {
        accept();
      }
      refused = false;
      pending = Pending.NONE;
      return null;
    }
    newLogin = tokenAccepted && !loginReported && apiKey >= 0 && apiKey != Plan.API_VERSIONS;
    loginReported |= newLogin;
    return acceptedName == null || apiKey < 0 || apiKey == Plan.API_VERSIONS
        ? null
        : new Principal(acceptedName, mechanism);
  }

  private void accept() {
    if (pending == Pending.HANDSHAKE) {
      mechanism = requestedMechanism;
      acceptedName = null;
      tokenAccepted = false;
      loginReported = false;
    } else {
      tokenAccepted = true;
      if (acceptedName == null) { // the name is in the first token of an exchange
        acceptedName = claimedName;
      }
    }
  }

  /**
   * How many tokens without request header a client sends at most with the requested mechanism
   * after SaslHandshake v0. The frame after them is a request.
   */
  public int rawTokens() {
    return switch (requestedMechanism) {
      case "PLAIN", "AWS_MSK_IAM" -> 1;
      case "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER" -> 2;
      default -> 4;
    };
  }
}
