package io.gatehouse.wire;

/** The error codes of Kafka that the gateway sends or looks for. */
public enum ErrorCode {
  NONE(0),
  REQUEST_TIMED_OUT(7),
  CLUSTER_AUTHORIZATION_FAILED(31),
  UNSUPPORTED_SASL_MECHANISM(33),
  ILLEGAL_SASL_STATE(34),
  UNSUPPORTED_VERSION(35),
  INVALID_REQUEST(42),
  SASL_AUTHENTICATION_FAILED(58);

  private final short number;

  ErrorCode(int number) {
    this.number = (short) number;
  }

  /** The number in responses. */
  public short number() {
    return number;
  }
}
