package io.gatehouse.gateway.acl;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client wants to do with a resource. */
public enum Operation {
  /** In rules: every operation. */
  ALL(2),
  READ(3),
  WRITE(4),
  CREATE(5),
  DELETE(6),
  ALTER(7),
  DESCRIBE(8),
  CLUSTER_ACTION(9),
  DESCRIBE_CONFIGS(10),
  ALTER_CONFIGS(11),
  IDEMPOTENT_WRITE(12),
  CREATE_TOKENS(13),
  DESCRIBE_TOKENS(14),
  TWO_PHASE_COMMIT(15);

  static final List<Operation> LIST = List.of(values());

  private final byte code;

  Operation(int code) {
    this.code = (byte) code;
  }

  /** Its number in Kafka's protocol. */
  public byte code() {
    return code;
  }

  /** The operation with this number in Kafka's protocol, or null. */
  public static @Nullable Operation ofCode(int code) {
    int index = code - LIST.getFirst().code;
    return index >= 0 && index < LIST.size() ? LIST.get(index) : null;
  }

  /** Its bit in Kafka's fields of authorized operations. */
  public int bit() {
    return 1 << code;
  }

  /** Whether it changes a topic. */
  boolean changes() {
    return switch (this) {
      case WRITE, CREATE, DELETE, ALTER, ALTER_CONFIGS -> true;
      default -> false;
    };
  }

  /** The bits of the operations that a rule with this one denies. */
  int denied() {
    return this == ALL ? ~0 : bit();
  }

  /** The bits of the operations that a rule with this one allows. */
  int allowed() {
    return switch (this) {
      case READ, WRITE, DELETE, ALTER -> bit() | DESCRIBE.bit();
      case ALTER_CONFIGS -> bit() | DESCRIBE_CONFIGS.bit();
      default -> denied();
    };
  }
}
