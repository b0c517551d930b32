package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.Route;
import io.gatehouse.gateway.sasl.SaslInspection;
import io.gatehouse.wire.schema.Schemas;
import io.netty.buffer.ByteBuf;

/**
 * SASL among a client's requests: what is answered by the exchange that ends here, what is read on
 * its way to a broker, and the tokens without heads of either (SaslHandshake v0).
 */
final class SaslRequests {

  /** Length, api key, version, correlation id. */
  private static final int HEAD = 12;

  /** A request's length without its own four bytes is at least the rest of its head. */
  private static final int SMALLEST = HEAD - FrameCutter.LENGTH;

  /** As Kafka's sasl.server.max.receive.size. */
  private static final int LONGEST_SASL = 512 << 10;

  /** Of longer ones on their way to a broker no name is learnt: nothing depends on it. */
  private static final int LONGEST_INSPECTED = 32 << 10;

  private final Session session;
  private final RequestPath path;

  /** Whether the next frame is a token without a head for the exchange that ends here. */
  private boolean tokenHere;

  /** How many tokens without heads may still go to the broker. */
  private int tokensToBroker;

  /** Whether a request is being handed to the exchange that ends here. */
  private boolean answering;

  SaslRequests(Session session, RequestPath path) {
    this.session = session;
    this.path = path;
  }

  /** The client sends a token without a head next, to the exchange that ends here. */
  void expectTokenHere(boolean expected) {
    tokenHere = expected;
  }

  /** The client may send so many tokens without heads now, which are for the broker. */
  void expectTokensToBroker(int most) {
    tokensToBroker = most;
  }

  boolean expectsToken() {
    return tokenHere || tokensToBroker > 0;
  }

  /** Whether a request is being handed to the SASL exchange that ends here. */
  boolean isAnswering() {
    return answering;
  }

  /** Something goes to the broker: if it is no token, the exchange with the broker is over. */
  void onRequest(Route route) {
    if (route.isClientRequest()) {
      tokensToBroker = 0;
    }
  }

  /**
   * Takes the frame at the cursor if it is a token without a head. Tokens begin with a name in
   * printable letters (PLAIN, SCRAM) or with an ASN.1 or wrap tag (GSSAPI); read as a request head,
   * such bytes give no api and version that exist.
   *
   * @return whether the frame was taken, or waits
   */
  boolean token(ByteBuf in, int at, int available) {
    int length = in.getInt(at);
    if (tokenHere) {
      if (length < 0) {
        return false;
      }
      answer(Route.RAW_TOKEN, in, at, available);
      return true;
    }
    boolean isShort = length >= 0 && length < SMALLEST;
    if (!isShort && available < HEAD) {
      path.need(HEAD);
      return true;
    }
    SaslInspection inspection = session.clientContext().inspection();
    if (inspection == null
        || (!isShort && Schemas.get().knows(in.getShort(at + 4), in.getShort(at + 6)))) {
      if (inspection != null && inspection.mayEndWithoutResponse()) {
        inspection.endWithoutResponse();
        session.inFlight().dropLast();
      }
      return false;
    }
    inspect(Route.RAW_TOKEN, inspection, in, at, available);
    return true;
  }

  void inspect(Route route, ByteBuf in, int at, int available) {
    SaslInspection inspection = session.clientContext().inspection();
    if (inspection == null) {
      path.forward(route, in, at, available);
    } else {
      inspect(route, inspection, in, at, available);
    }
  }

  /** SASL on its way to the broker. */
  private void inspect(Route route, SaslInspection inspection, ByteBuf in, int at, int available) {
    int length = in.getInt(at);
    int bytes = FrameCutter.LENGTH + length;
    if (isTooLong(length)) {
      return;
    }
    if (length <= LONGEST_INSPECTED && available < bytes) {
      path.need(bytes);
    } else if (path.isAdmitted(in, at)) {
      boolean token = route.equals(Route.RAW_TOKEN);
      tokensToBroker = token ? tokensToBroker - 1 : 0;
      if (length > LONGEST_INSPECTED) {
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
      path.pass(bytes, Math.min(HEAD, bytes), false);
    }
  }

  private boolean isTooLong(int length) {
    if (length > LONGEST_SASL) {
      session.close(CloseReason.FRAME_TOO_LARGE, ": a SASL request of " + length + " bytes");
    }
    return length > LONGEST_SASL;
  }

  /** Hands a request to the SASL exchange that ends here; the next waits for its answer. */
  void answer(Route route, ByteBuf in, int at, int available) {
    int length = in.getInt(at);
    int bytes = FrameCutter.LENGTH + length;
    if (isTooLong(length)) {
      return;
    }
    if (available < bytes) {
      path.collect(bytes, session.services().shared().gate().tokens());
      return;
    }
    if (session.inFlight().isFull()) {
      path.pause(PauseReason.ROOM);
    } else if (!session.client().isWritable()) {
      path.pause(PauseReason.READER);
    } else if (session.isLoginRenewed()) {
      path.pause(PauseReason.LOGIN); // each login's answers go to what stands last in flight
    } else {
      path.taken();
      boolean token = route.equals(Route.RAW_TOKEN);
      session.inFlight().push(route, token ? 0 : in.getInt(at + 8), null);
      if (!token) {
        path.count(route, in, at);
      }
      path.skip(bytes);
      path.pauseBehind(PauseReason.ANSWER);
      answering = true;
      session.clientContext().authenticate(in.slice(at, bytes));
      answering = false;
    }
  }
}
