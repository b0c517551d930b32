package io.gatehouse.gateway.session;

import io.gatehouse.gateway.plan.AnyBroker;
import io.gatehouse.gateway.plan.ErrorRefusal;
import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.gateway.plan.RequestRule;
import io.gatehouse.gateway.route.Target;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.netty.buffer.ByteBuf;

/**
 * The frames of a client that have to do with who it is: those that the gateway answers itself,
 * those it listens to on their way to a broker, and tokens without heads among the latter.
 */
final class SaslTraffic {

  /** As Kafka's sasl.server.max.receive.size. */
  static final int LARGEST = 512 << 10;

  /** Of longer ones on their way to a broker no name is learnt: nothing depends on it. */
  private static final int LONGEST_HEARD = 32 << 10;

  private static final int LENGTH = 4;

  /** A request's length without its own four bytes is at least the rest of its head. */
  private static final int SMALLEST = 8;

  private static final RequestRule NO_SASL_HERE = new RequestRule.Refuse(ErrorRefusal.NO_SASL);

  private final Session session;

  /** How many tokens without heads may still go to the broker (after SaslHandshake v0). */
  private int rawTokens;

  SaslTraffic(Session session) {
    this.session = session;
  }

  void expectRawTokens() {
    SaslInspection inspection = session.clientContext().inspection();
    rawTokens = inspection == null ? 0 : inspection.rawTokens();
  }

  /** Something else than a token came: the exchange with the broker is over. */
  void endRawTokens() {
    rawTokens = 0;
  }

  /** Whether a frame of this length, of which nothing else is known yet, is a token. */
  boolean isTokenByLength(int length) {
    SaslTermination login = session.clientContext().login();
    boolean ours = login != null && login.expectsRawToken() && length <= LARGEST;
    return length >= 0 && (ours || (rawTokens > 0 && length < SMALLEST));
  }

  /**
   * Whether a frame on its way to the broker is a token and no request. Tokens begin with a name in
   * printable letters (PLAIN, SCRAM) or with an ASN.1 or wrap tag (GSSAPI); read as a request head,
   * such bytes give no api and version that exist.
   */
  boolean isRawToken(ByteBuf in, int at) {
    if (rawTokens == 0) {
      return false;
    }
    if (in.getInt(at) < SMALLEST) {
      return true;
    }
    MessageSchema request = Schemas.get().request(in.getShort(at + 4));
    return request == null || !request.valid().contains(in.getShort(at + 6));
  }

  /** Whether the frame at {@code at} has to do with who the client is. */
  boolean concerns(ByteBuf in, int at) {
    return isAnsweredHere(in, at) || isOverheard(in, at);
  }

  /** Whether the frame at {@code at} is looked at as one. */
  boolean mustBeWhole(ByteBuf in, int at) {
    return isAnsweredHere(in, at) || (in.getInt(at) <= LONGEST_HEARD && isOverheard(in, at));
  }

  private boolean isOverheard(ByteBuf in, int at) {
    SaslInspection inspection = session.clientContext().inspection();
    return inspection != null && (inspection.wants(in.getShort(at + 4)) || isRawToken(in, at));
  }

  /** Whether the gateway answers the frame at {@code at} itself. */
  boolean isAnsweredHere(ByteBuf in, int at) {
    SaslTermination login = session.clientContext().login();
    return login != null && (login.expectsRawToken() || login.takes(in.getShort(at + 4)));
  }

  /**
   * Has a request answered, now or later.
   *
   * @param frame with its length
   */
  void answer(ByteBuf frame) {
    SaslTermination login = session.clientContext().login();
    if (login == null) {
      throw new IllegalStateException("nobody answers here");
    }
    boolean raw = login.expectsRawToken();
    short apiKey = raw ? InFlight.RAW_SASL : frame.getShort(4);
    short version = raw ? 0 : frame.getShort(6);
    session.inFlight().push(apiKey, version, raw ? 0 : frame.getInt(8));
    if (!raw) {
      session
          .loop()
          .metrics()
          .request(session.brokerMetrics(), apiKey, version, frame.readableBytes());
    }
    login.take(frame);
  }

  /** Whether the broker has yet to answer what the client logs in with. */
  boolean isAsking() {
    SaslInspection inspection = session.clientContext().inspection();
    return inspection != null && inspection.isAsking();
  }

  /**
   * Whether the frame at {@code at} must wait for that answer. What is no token shows that none
   * comes, where that can be.
   */
  boolean mustWait(ByteBuf in, int at) {
    SaslInspection inspection = session.clientContext().inspection();
    if (inspection == null || !inspection.isAsking()) {
      return false;
    }
    if (rawTokens == 0 || isRawToken(in, at) || !inspection.mayEndInSilence()) {
      return true;
    }
    inspection.endInSilence();
    session.inFlight().dropLast();
    return false;
  }

  /** What is done with the frame at {@code at}, whose head is here. */
  RequestRule rule(ByteBuf in, int at) {
    if (isRawToken(in, at)) {
      return RequestRule.RELAY; // it may be shorter than a head
    }
    short apiKey = in.getShort(at + 4);
    if (isSasl(apiKey) && session.clientContext().isSpokenFor()) {
      return NO_SASL_HERE;
    }
    RequestRule usual = session.services().plan().request(apiKey, in.getShort(at + 6));
    return session.binding().target() instanceof Target.Unnamed
        ? AnyBroker.rule(in, at, usual)
        : usual;
  }

  private static boolean isSasl(int apiKey) {
    return apiKey == Plan.SASL_HANDSHAKE || apiKey == Plan.SASL_AUTHENTICATE;
  }

  /** Listens to the frame at {@code at}, which goes to the broker. */
  void overhear(ByteBuf in, int at, int length) {
    SaslInspection inspection = session.clientContext().inspection();
    if (inspection == null) {
      return;
    }
    boolean raw = isRawToken(in, at);
    if (raw) {
      rawTokens--;
    } else if (!inspection.wants(in.getShort(at + 4))) {
      return;
    }
    if (length > LONGEST_HEARD) {
      inspection.hearOfLong(raw ? InFlight.RAW_SASL : in.getShort(at + 4));
    } else if (raw) {
      inspection.hearRaw(in.slice(at, LENGTH + length));
    } else {
      inspection.hear(in.slice(at, LENGTH + length));
    }
  }
}
