package io.gatehouse.wire;

/** Kafka's error codes, those that the gateway itself answers with or looks for. */
public enum ErrorCode {
  NONE(0, false),
  CLUSTER_AUTHORIZATION_FAILED(31, false),
  UNSUPPORTED_SASL_MECHANISM(33, false),
  ILLEGAL_SASL_STATE(34, false),
  UNSUPPORTED_VERSION(35, false),
  INVALID_REQUEST(42, false),
  SASL_AUTHENTICATION_FAILED(58, false);

  private final short number;
  private final boolean retriable;

  ErrorCode(int number, boolean retriable) {
    this.number = (short) number;
    this.retriable = retriable;
  }

  /** As it stands in responses. */
  public short number() {
    return number;
  }

  /** Whether clients try again that are answered so. */
  public boolean isRetriable() {
    return retriable;
  }
}
