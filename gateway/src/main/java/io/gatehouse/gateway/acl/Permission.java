package io.gatehouse.gateway.acl;

import org.jspecify.annotations.Nullable;

/** Whether a rule allows or denies. */
public enum Permission {
  DENY(2),
  ALLOW(3);

  private final byte code;

  Permission(int code) {
    this.code = (byte) code;
  }

  /** Its number in Kafka's protocol. */
  public byte code() {
    return code;
  }

  /** The permission with this number in Kafka's protocol, or null. */
  public static @Nullable Permission ofCode(int code) {
    return code == DENY.code ? DENY : code == ALLOW.code ? ALLOW : null;
  }
}
