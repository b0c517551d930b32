package io.gatehouse.gateway.metrics;

import io.gatehouse.wire.ErrorCode;

/** Why the gateway answers a request with an error instead of forwarding it. */
public enum RefusalReason implements GatewayError {
  FORBIDDEN_API(
      ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
      "the api is forbidden by the rules",
      "remove it from rules.forbiddenApis if clients may use it"),
  UNKNOWN_VERSION(
      ErrorCode.UNSUPPORTED_VERSION,
      "the gateway does not know the version",
      "nothing: clients fall back to a known version"),
  SASL_OF_GATEWAY(
      ErrorCode.ILLEGAL_SASL_STATE,
      "the gateway logs in at the broker for this client, which has no login of its own",
      "set security.protocol of the client to PLAINTEXT or SSL"),
  NO_SERVER_NAME(
      ErrorCode.INVALID_REQUEST,
      "the client sent no server name (SNI) in its TLS handshake, so the gateway cannot tell which"
          + " broker it wants",
      "address the gateway by a full host name and have the client send it");

  private final ErrorCode code;
  private final String text;
  private final String advice;

  RefusalReason(ErrorCode code, String text, String advice) {
    this.code = code;
    this.text = text;
    this.advice = advice;
  }

  @Override
  public Side side() {
    return Side.CLIENT;
  }

  @Override
  public ErrorCode code() {
    return code;
  }

  @Override
  public boolean mayRetry() {
    return false;
  }

  @Override
  public Level level() {
    return Level.WARN;
  }

  /** The reason as one clause, for log lines and error messages. */
  @Override
  public String text() {
    return text;
  }

  @Override
  public String advice() {
    return advice;
  }
}
