package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.RequestRule;
import io.gatehouse.gateway.plan.Route;
import io.gatehouse.gateway.sasl.SaslInspection;
import io.gatehouse.wire.schema.Schemas;
import io.netty.buffer.ByteBuf;

/**
 * Handles the SASL frames of a client: hands those that the gateway answers to {@link
 * SaslTermination}, inspects those forwarded to a broker, and recognises tokens without request
 * header (after SaslHandshake v0) of both.
 */
final class SaslRequests {

  /** Size of length, API key, version and correlation id, in bytes. */
  private static final int HEADER_BYTES = 12;

  /** Minimum value of a request's length: the header without the length itself. */
  private static final int MIN_LENGTH = HEADER_BYTES - FrameCutter.LENGTH_BYTES;

  /** Maximum size of a SASL request; the default of Kafka's sasl.server.max.receive.size. */
  private static final int MAX_SASL_BYTES = 512 << 10;

  /** Longer requests to a broker are not inspected: no access decision depends on the name. */
  private static final int MAX_INSPECTED_BYTES = 32 << 10;

  private final Session session;
  private final RequestPath path;

  /** Whether the next frame is a token without header for the gateway. */
  private boolean tokenForGateway;

  /** Maximum number of further tokens without header for the broker. */
  private int tokensForBroker;

  /** Whether {@link SaslTermination} is processing a request now. */
  private boolean authenticating;

  SaslRequests(Session session, RequestPath path) {
    this.session = session;
    this.path = path;
  }

  /** Sets whether the next frame is a token without header for the gateway. */
  void expectTokenForGateway(boolean expected) {
    expect(expected, tokensForBroker);
  }

  /** Allows a number of tokens without header for the broker. */
  void expectTokensForBroker(int count) {
    expect(tokenForGateway, count);
  }

  private void expect(boolean forGateway, int forBroker) {
    tokenForGateway = forGateway;
    tokensForBroker = forBroker;
    path.expectToken(forGateway || forBroker > 0);
  }

  /** Whether {@link SaslTermination} is processing a request now. */
  boolean isAuthenticating() {
    return authenticating;
  }

  /**
   * A request is forwarded to the broker while tokens are expected. A client's request with header
   * ends the exchange of tokens without header.
   */
  void onRequest(Route route) {
    if (route.isClientRequest()) {
      expectTokensForBroker(0);
    }
  }

  /**
   * Processes the frame at the cursor if it is a token without header. Tokens start with printable
   * letters (PLAIN, SCRAM) or with an ASN.1 or wrap tag (GSSAPI), which are no API key and version
   * that exist.
   *
   * @return false if the frame is a request; true if it was processed or waits
   */
  boolean takeToken(ByteBuf in, int at, int available) {
    int length = in.getInt(at);
    if (tokenForGateway) {
      if (length < 0) {
        return false;
      }
      authenticate(Route.RAW_TOKEN, in, at, available);
      return true;
    }
    boolean isShort = length >= 0 && length < MIN_LENGTH;
    if (!isShort && available < HEADER_BYTES) {
      path.need(HEADER_BYTES);
      return true;
    }
    SaslInspection inspection = session.clientContext().inspection();
    if (inspection == null
        || (!isShort && Schemas.get().knows(in.getShort(at + 4), in.getShort(at + 6)))) {
      if (inspection != null && inspection.mayEndWithoutResponse()) {
        inspection.endWithoutResponse();
        session.inFlight().removeLast();
      }
      return false;
    }
    inspect(Route.RAW_TOKEN, inspection, in, at, available);
    return true;
  }

  void inspect(Route route, ByteBuf in, int at, int available) {
    SaslInspection inspection = session.clientContext().inspection();
    if (inspection == null) {
      path.forward(route, RequestRule.RELAY, in, at, available);
    } else {
      inspect(route, inspection, in, at, available);
    }
  }

  /** Inspects and forwards a SASL frame. */
  private void inspect(Route route, SaslInspection inspection, ByteBuf in, int at, int available) {
    int length = in.getInt(at);
    int bytes = FrameCutter.LENGTH_BYTES + length;
    if (isTooLong(length)) {
      return;
    }
    if (length <= MAX_INSPECTED_BYTES && available < bytes) {
      path.need(bytes);
    } else if (path.isAdmitted(in, at)) {
      boolean token = route.equals(Route.RAW_TOKEN);
      expectTokensForBroker(token ? tokensForBroker - 1 : 0);
      if (length > MAX_INSPECTED_BYTES) {
        inspection.onLongRequest(route.apiKey());
      } else if (token) {
        inspection.onRawToken(in.slice(at, bytes));
      } else {
        inspection.onRequest(in.slice(at, bytes));
      }
      if (!token) {
        path.count(route, in, at);
      }
      path.start(route, token ? 0 : in.getInt(at + 8));
      path.pass(bytes, Math.min(HEADER_BYTES, bytes), false);
    }
  }

  private boolean isTooLong(int length) {
    if (length > MAX_SASL_BYTES) {
      session.close(CloseReason.FRAME_TOO_LARGE, ": a SASL request of " + length + " bytes");
    }
    return length > MAX_SASL_BYTES;
  }

  /** Hands a frame to {@link SaslTermination}. The next frame waits for its response. */
  void authenticate(Route route, ByteBuf in, int at, int available) {
    int length = in.getInt(at);
    int bytes = FrameCutter.LENGTH_BYTES + length;
    if (isTooLong(length)) {
      return;
    }
    if (available < bytes) {
      path.collect(bytes, session.services().shared().gate().tokens());
      return;
    }
    if (session.inFlight().isFull()) {
      path.pause(PauseReason.IN_FLIGHT_LIMIT);
    } else if (!session.client().isWritable()) {
      path.pause(PauseReason.CLIENT_NOT_WRITABLE);
    } else if (session.awaitsGatewayLogin()) {
      // SaslTermination answers the newest request in flight, which must not be the gateway's.
      path.pause(PauseReason.GATEWAY_LOGIN);
    } else {
      path.onRequestAccepted();
      boolean token = route.equals(Route.RAW_TOKEN);
      session.inFlight().push(route, token ? 0 : in.getInt(at + 8), null);
      if (!token) {
        path.count(route, in, at);
      }
      path.skip(bytes);
      path.pauseAfter(PauseReason.LOCAL_RESPONSE);
      authenticating = true;
      session.clientContext().authenticate(in.slice(at, bytes));
      authenticating = false;
    }
  }
}
