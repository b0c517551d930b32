package io.gatehouse.gateway.acl;

import org.jspecify.annotations.Nullable;

/** How the name in a rule is compared with that of a resource. */
public enum PatternType {
  /** The whole name; {@code *} is any name. */
  LITERAL(3),
  /** The beginning of the name; {@code *} has no special meaning. */
  PREFIXED(4);

  private final byte code;

  PatternType(int code) {
    this.code = (byte) code;
  }

  /** Its number in Kafka's protocol. */
  public byte code() {
    return code;
  }

  /** The type with this number in Kafka's protocol, or null. */
  public static @Nullable PatternType ofCode(int code) {
    return code == LITERAL.code ? LITERAL : code == PREFIXED.code ? PREFIXED : null;
  }
}
