package io.gatehouse.gateway.acl;

import static io.gatehouse.gateway.acl.Operation.ALTER;
import static io.gatehouse.gateway.acl.Operation.ALTER_CONFIGS;
import static io.gatehouse.gateway.acl.Operation.CLUSTER_ACTION;
import static io.gatehouse.gateway.acl.Operation.CREATE;
import static io.gatehouse.gateway.acl.Operation.CREATE_TOKENS;
import static io.gatehouse.gateway.acl.Operation.DELETE;
import static io.gatehouse.gateway.acl.Operation.DESCRIBE;
import static io.gatehouse.gateway.acl.Operation.DESCRIBE_CONFIGS;
import static io.gatehouse.gateway.acl.Operation.DESCRIBE_TOKENS;
import static io.gatehouse.gateway.acl.Operation.IDEMPOTENT_WRITE;
import static io.gatehouse.gateway.acl.Operation.READ;
import static io.gatehouse.gateway.acl.Operation.TWO_PHASE_COMMIT;
import static io.gatehouse.gateway.acl.Operation.WRITE;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The types of resources that rules protect. */
public enum ResourceType {
  TOPIC(2, 29, READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS),
  GROUP(3, 30, READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS),
  /** The cluster as a whole; its only resource is {@value #CLUSTER_NAME}. */
  CLUSTER(
      4,
      31,
      CREATE,
      ALTER,
      DESCRIBE,
      CLUSTER_ACTION,
      DESCRIBE_CONFIGS,
      ALTER_CONFIGS,
      IDEMPOTENT_WRITE),
  TRANSACTIONAL_ID(5, 53, WRITE, DESCRIBE, TWO_PHASE_COMMIT),
  DELEGATION_TOKEN(6, 65, DESCRIBE),
  USER(7, 65, CREATE_TOKENS, DESCRIBE_TOKENS);

  /** The name of the resource of type {@link #CLUSTER}. */
  public static final String CLUSTER_NAME = "kafka-cluster";

  private static final List<ResourceType> ALL = List.of(values());

  private final byte code;
  private final int errorCode;
  private final int operations;

  ResourceType(int code, int errorCode, Operation... operations) {
    this.code = (byte) code;
    this.errorCode = errorCode;
    int bits = 0;
    for (Operation operation : operations) {
      bits |= operation.bit();
    }
    this.operations = bits;
  }

  /** Its number in Kafka's protocol. */
  public byte code() {
    return code;
  }

  /** The type with this number in Kafka's protocol, or null. */
  public static @Nullable ResourceType ofCode(int code) {
    int index = code - ALL.getFirst().code;
    return index >= 0 && index < ALL.size() ? ALL.get(index) : null;
  }

  /** Kafka's error code for missing rights on such resources. */
  public int errorCode() {
    return errorCode;
  }

  /** Whether Kafka distinguishes an operation on such resources. */
  public boolean has(Operation operation) {
    return (operations & operation.bit()) != 0;
  }
}
