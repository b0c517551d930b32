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
 * Learns who a client is from the SASL exchange it has with a broker. Nothing is decided by it. A
 * name is only believed when the broker took the token it came in, and then answered a request that
 * it answers to nobody it has not let in: a name that is refused, before or after a login, is
 * forgotten. One thing at a time: nothing follows a client's handshake or token before its answer.
 */
public final class SaslInspection {

  /** What the broker has not answered yet. */
  private enum Awaited {
    NOTHING,
    HANDSHAKE,
    TOKEN
  }

  private static final String GSSAPI = "GSSAPI";

  private Awaited asking = Awaited.NOTHING;
  private boolean refused;

  /** As the client asked for it, and as the broker agreed to. */
  private String wanted = "";

  private String mechanism = "";

  /** In the token that is not answered, and in one that was taken. */
  private @Nullable String said;

  private @Nullable String taken;

  /** Whether a token was taken since the last handshake, and whether that was told of. */
  private boolean isTaken;

  private boolean isTold;
  private boolean isNew;

  /**
   * What a broker did not take.
   *
   * @param name as it was claimed, or null if it is not known
   * @param what the handshake or the token
   */
  public record Refused(String mechanism, @Nullable String name, String what) {}

  /** Whether requests of this api are listened to. */
  public boolean wants(int apiKey) {
    return apiKey == Plan.SASL_HANDSHAKE || apiKey == Plan.SASL_AUTHENTICATE;
  }

  /** Whether answers can still tell who the client is. */
  public boolean isActive() {
    return asking != Awaited.NOTHING || (isTaken && !isTold);
  }

  public boolean isAsking() {
    return asking != Awaited.NOTHING;
  }

  /**
   * Whether the token that is not answered may be one that is never answered: brokers end GSSAPI
   * without heads so.
   */
  public boolean mayEndInSilence() {
    return asking == Awaited.TOKEN && mechanism.equals(GSSAPI);
  }

  /** The token that is not answered will not be. */
  public void endInSilence() {
    asking = Awaited.NOTHING;
  }

  /**
   * @param frame with its length; not released here
   */
  public void hear(ByteBuf frame) {
    short apiKey = frame.getShort(frame.readerIndex() + 4);
    short version = frame.getShort(frame.readerIndex() + 6);
    hearOfLong(apiKey);
    MessageSchema schema = Schemas.get().request(apiKey);
    if (schema == null || !schema.valid().contains(version)) {
      return;
    }
    try {
      ByteBuf body = frame.slice(frame.readerIndex() + 4, frame.readableBytes() - 4);
      Headers.readRequest(body);
      Struct request = TreeReader.read(schema.layout(version), body);
      if (asking == Awaited.HANDSHAKE) {
        wanted = request.getString("Mechanism");
      } else {
        said = ClaimedName.in(mechanism, request.getBytes("AuthBytes"));
      }
    } catch (MalformedMessage e) {
      // The broker will say so.
    }
  }

  /**
   * A request or token goes by that is too long to be looked into; it has its answer all the same.
   */
  public void hearOfLong(int apiKey) {
    asking = apiKey == Plan.SASL_HANDSHAKE ? Awaited.HANDSHAKE : Awaited.TOKEN;
    wanted = asking == Awaited.HANDSHAKE ? "" : wanted;
    said = null;
  }

  public void hearRaw(ByteBuf frame) {
    byte[] token = new byte[frame.readableBytes() - 4];
    frame.getBytes(frame.readerIndex() + 4, token);
    asking = Awaited.TOKEN;
    said = ClaimedName.in(mechanism, token);
  }

  /** The answer that is coming is an error. */
  public void onRefused() {
    refused = true;
  }

  /** What the broker refuses by its answer to a request of this api, if it does. */
  public @Nullable Refused refusedBy(int apiKey) {
    return refused && (wants(apiKey) || apiKey == Route.RAW_TOKEN.apiKey()) ? asked() : null;
  }

  /** What the broker refuses when it ends the connection now, if it does. */
  public @Nullable Refused endedBy() {
    return asking == Awaited.TOKEN ? asked() : null;
  }

  private Refused asked() {
    return asking == Awaited.HANDSHAKE
        ? new Refused(shown(wanted), null, "the broker does not offer the mechanism")
        : new Refused(
            shown(mechanism), taken == null ? said : taken, "the broker does not take the token");
  }

  private static String shown(String mechanism) {
    return mechanism.isEmpty() ? "unknown" : mechanism;
  }

  public String mechanism() {
    return shown(mechanism);
  }

  /** Whether the last answer was the first that shows that the login was a success. */
  public boolean isNew() {
    return isNew;
  }

  /**
   * A broker has answered a request of this api.
   *
   * @return who the client has proved to be by that, or null
   */
  public @Nullable Principal onAnswered(int apiKey) {
    isNew = false;
    if (wants(apiKey) || apiKey == Route.RAW_TOKEN.apiKey()) {
      if (!refused) {
        accept();
      }
      refused = false;
      asking = Awaited.NOTHING;
      return null;
    }
    isNew = isTaken && !isTold && apiKey >= 0 && apiKey != Plan.API_VERSIONS;
    isTold |= isNew;
    return taken == null || apiKey < 0 || apiKey == Plan.API_VERSIONS
        ? null
        : new Principal(taken, mechanism);
  }

  private void accept() {
    if (asking == Awaited.HANDSHAKE) {
      mechanism = wanted;
      taken = null;
      isTaken = false;
      isTold = false;
    } else {
      isTaken = true;
      if (taken == null) { // the name is in the first token of an exchange
        taken = said;
      }
    }
  }

  /**
   * How many tokens without heads a client sends with the mechanism it asked for, at most: what
   * comes after is a request, whatever it looks like.
   */
  public int rawTokens() {
    return switch (wanted) {
      case "PLAIN", "AWS_MSK_IAM" -> 1;
      case "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER" -> 2;
      default -> 4;
    };
  }
}
