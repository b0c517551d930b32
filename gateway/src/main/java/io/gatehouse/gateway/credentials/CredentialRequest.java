package io.gatehouse.gateway.credentials;

import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBufUtil;

/** Reads the fields of requests for credentials. */
final class CredentialRequest {

  /** A name is repeated in the response, where a character takes up to three bytes. */
  private static final int LONGEST_NAME = 10_000;

  private CredentialRequest() {}

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
