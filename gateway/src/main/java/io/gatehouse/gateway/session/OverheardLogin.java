package io.gatehouse.gateway.session;

import io.gatehouse.gateway.plan.Plan;
import io.gatehouse.identity.Principal;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Learns who a client is from the SASL exchange it has with a broker. Nothing is decided by it: the
 * broker answers no other request before it has let the client in, so the first such answer shows
 * that the name was proved.
 */
final class OverheardLogin {

  private String mechanism = "";
  private @Nullable Principal claimed;

  /** Whether requests of this api are listened to. */
  boolean wants(short apiKey) {
    return apiKey == Plan.SASL_HANDSHAKE || apiKey == Plan.SASL_AUTHENTICATE;
  }

  /** Whether a broker answers requests of this api only to clients it has let in. */
  boolean isProvedBy(short apiKey) {
    return apiKey >= 0 && apiKey != Plan.API_VERSIONS && !wants(apiKey);
  }

  /**
   * @param frame with its length; not released here
   */
  void hear(ByteBuf frame) {
    short apiKey = frame.getShort(frame.readerIndex() + 4);
    short version = frame.getShort(frame.readerIndex() + 6);
    MessageSchema schema = Schemas.get().request(apiKey);
    if (schema == null || !schema.valid().contains(version)) {
      return;
    }
    try {
      ByteBuf body = frame.slice(frame.readerIndex() + 4, frame.readableBytes() - 4);
      Headers.readRequest(body);
      Struct request = TreeReader.read(schema.layout(version), body);
      if (apiKey == Plan.SASL_HANDSHAKE) {
        mechanism = request.getString("Mechanism");
        claimed = null;
      } else {
        hearToken(request.getBytes("AuthBytes"));
      }
    } catch (MalformedMessage e) {
      // The broker will say so.
    }
  }

  void hearRaw(ByteBuf frame) {
    byte[] token = new byte[frame.readableBytes() - 4];
    frame.getBytes(frame.readerIndex() + 4, token);
    hearToken(token);
  }

  /** The name is in the first token of an exchange. */
  private void hearToken(byte[] token) {
    if (claimed == null) {
      String name = ClaimedName.in(mechanism, token);
      claimed = name == null ? null : new Principal(name, mechanism);
    }
  }

  /**
   * How many tokens without heads a client sends with its mechanism, at most: what comes after is a
   * request, whatever it looks like.
   */
  int rawTokens() {
    return switch (mechanism) {
      case "PLAIN", "AWS_MSK_IAM" -> 1;
      case "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER" -> 2;
      default -> 4;
    };
  }

  /** The client as it called itself last, or null. */
  @Nullable Principal claimed() {
    return claimed;
  }
}
