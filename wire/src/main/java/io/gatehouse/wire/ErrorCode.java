package io.gatehouse.wire;

/** The error codes of Kafka that the gateway sends or looks for. */
public enum ErrorCode {
  NONE(0),
  OFFSET_OUT_OF_RANGE(1),
  LEADER_NOT_AVAILABLE(5),
  NOT_LEADER_OR_FOLLOWER(6),
  REQUEST_TIMED_OUT(7),
  COORDINATOR_NOT_AVAILABLE(15),
  UNKNOWN_MEMBER_ID(25),
  CLUSTER_AUTHORIZATION_FAILED(31),
  UNSUPPORTED_SASL_MECHANISM(33),
  ILLEGAL_SASL_STATE(34),
  UNSUPPORTED_VERSION(35),
  INVALID_REQUEST(42),
  SASL_AUTHENTICATION_FAILED(58),
  GROUP_ID_NOT_FOUND(69),
  FENCED_INSTANCE_ID(82),
  RESOURCE_NOT_FOUND(91),
  DUPLICATE_RESOURCE(92),
  UNACCEPTABLE_CREDENTIAL(93),
  FENCED_MEMBER_EPOCH(110);

  private final short number;

  ErrorCode(int number) {
    this.number = (short) number;
  }

  /** The number in responses. */
  public short number() {
    return number;
  }
}
