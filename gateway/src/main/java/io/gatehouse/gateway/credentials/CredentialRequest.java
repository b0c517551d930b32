package io.gatehouse.gateway.credentials;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Objects;

/** Reads requests for credentials. */
final class CredentialRequest {

  /** A name is repeated in the response, where a character takes up to three bytes. */
  private static final int LONGEST_NAME = 10_000;

  private CredentialRequest() {}

  /**
   * @param frame with its length; its API and version are known
   * @throws MalformedMessage if it is not such a request
   */
  static Struct read(ByteBuf frame) {
    ByteBuf in = frame.slice(frame.readerIndex() + 4, frame.readableBytes() - 4);
    Struct header = Headers.readRequest(in);
    MessageSchema schema =
        Objects.requireNonNull(Schemas.get().request(header.getInt("RequestApiKey")));
    return TreeReader.readWhole(schema.layout(header.getInt("RequestApiVersion")), in);
  }

  /** The name of a user. One that is too long to repeat is cut, and is {@link #isTooLong} still. */
  static String name(Struct user) {
    String name = user.getString("Name");
    return ByteBufUtil.utf8Bytes(name) > Short.MAX_VALUE
        ? name.substring(0, LONGEST_NAME) + "..."
        : name;
  }

  /** Whether no user can have this name. */
  static boolean isTooLong(String name) {
    return name.length() > LONGEST_NAME;
  }
}
