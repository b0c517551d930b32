package io.gatehouse.gateway.metrics;

import io.gatehouse.wire.ErrorCode;

/** Why a client connection ended; the lower-case name is the label {@code reason} in metrics. */
public enum CloseReason implements GatewayError {
  CLIENT_CLOSED(Side.CLIENT, Level.DEBUG, true, "the client closed the connection", ""),
  CLIENT_RESET(Side.CLIENT, Level.DEBUG, true, "the client reset the connection", ""),
  CLIENT_HALF_CLOSED(
      Side.CLIENT, Level.DEBUG, true, "the client shut down its output and got all responses", ""),
  FIRST_REQUEST_TIMEOUT(
      Side.CLIENT,
      Level.WARN,
      true,
      "no request came in time",
      "check whether a health check or scanner connects without speaking Kafka;"
          + " timeouts.firstRequest sets the time"),
  REQUEST_TIMEOUT(
      Side.CLIENT,
      Level.WARN,
      true,
      "a request was not completed in time",
      "check the network between client and gateway; timeouts.request and timeouts.requestRate"
          + " set the time"),
  RESPONSE_TIMEOUT(
      Side.CLIENT,
      Level.WARN,
      true,
      "the client did not read its responses in time",
      "check whether the client hangs; timeouts.response sets the time"),
  IDLE(Side.CLIENT, Level.DEBUG, true, "the connection was idle for the idle timeout", ""),
  NOT_KAFKA(
      Side.CLIENT,
      Level.WARN,
      false,
      "the client's bytes are not a Kafka request",
      "check which program connects to this port"),
  TLS_ON_PLAINTEXT(
      Side.CLIENT,
      Level.WARN,
      false,
      "the client uses TLS on a plaintext listener",
      "set security.protocol of the client to PLAINTEXT or SASL_PLAINTEXT, or use a listener with"
          + " TLS"),
  HTTP_ON_KAFKA(
      Side.CLIENT,
      Level.WARN,
      false,
      "the client uses HTTP on a Kafka listener",
      "use the HTTP port"),
  FRAME_TOO_LARGE(
      Side.CLIENT,
      Level.WARN,
      false,
      "a request is larger than allowed",
      "send smaller batches (max.request.size), or raise limits.frameBytes"),
  MALFORMED_REQUEST(
      Side.CLIENT,
      Level.WARN,
      false,
      "a request cannot be read",
      "check the client library and its version"),
  UNSUPPORTED_VERSION(
      Side.CLIENT,
      Level.WARN,
      false,
      "the gateway does not know a request's api or version",
      "use a client that sends ApiVersions first"),
  REFUSED_WITHOUT_ANSWER(
      Side.CLIENT,
      Level.WARN,
      false,
      "a forbidden request cannot be answered with an error",
      "allow the api, or configure the client not to use it"),
  ACKS_ZERO_FORBIDDEN(
      Side.CLIENT,
      Level.WARN,
      false,
      "produce with acks=0 is forbidden",
      "set acks of the producer to 1 or all"),
  TLS_FAILED(
      Side.CLIENT,
      Level.WARN,
      false,
      "the TLS handshake failed",
      "compare certificates and trust of both sides with the detail of the line"),
  PLAINTEXT_ON_TLS(
      Side.CLIENT,
      Level.WARN,
      false,
      "the client does not use TLS on a TLS listener",
      "set security.protocol of the client to SSL or SASL_SSL"),
  UNKNOWN_SERVER_NAME(
      Side.CLIENT,
      Level.WARN,
      false,
      "the client asks for a host name that is not served here",
      "use a name that `gatehouse dns` prints"),
  NO_SERVER_NAME(
      Side.CLIENT,
      Level.WARN,
      false,
      "the client sends no server name (SNI) where one is required",
      "address the gateway by a full host name and have the client send it"),
  BAD_PROXY_HEADER(
      Side.CLIENT,
      Level.WARN,
      false,
      "the PROXY protocol header is missing, malformed or not trusted",
      "make the balancer send the PROXY header, or change the networks it is expected from"),
  NOT_AUTHENTICATED(
      Side.CLIENT,
      Level.WARN,
      false,
      "a request came before the client was authenticated",
      "set security.protocol and sasl.mechanism of the client"),
  AUTHENTICATION_FAILED(
      Side.CLIENT,
      Level.WARN,
      false,
      "authentication of the client failed",
      "check the client's credentials and the audit log"),
  AUTHENTICATION_EXPIRED(
      Side.CLIENT,
      Level.WARN,
      true,
      "the client did not re-authenticate in time",
      "use a client that re-authenticates (KIP-368), or allow longer sessions"),
  ACCESS_REVOKED(
      Side.CLIENT,
      Level.WARN,
      false,
      "the client's credentials are no longer accepted",
      "nothing if access was withdrawn; else check what changed"),
  TOO_MANY_CONNECTIONS(
      Side.GATEWAY,
      Level.WARN,
      true,
      "the limit of connections is reached",
      "raise limits.connections, or find out which clients open so many"),
  TOO_MANY_FROM_ADDRESS(
      Side.GATEWAY,
      Level.WARN,
      true,
      "the limit of connections of one address is reached",
      "raise limits.connectionsPerAddress, or have the balancer send a PROXY header"),
  MEMORY_SPENT(
      Side.GATEWAY,
      Level.WARN,
      true,
      "the memory for buffered frames is exhausted",
      "raise limits.bufferedBytes and the memory of the process, or look for clients that read"
          + " slowly"),
  DECISION_TIMEOUT(
      Side.GATEWAY,
      Level.WARN,
      true,
      "a decision about a request was not made in time",
      "check the service that makes the decision"),
  RESPONSE_TOO_LARGE(
      Side.GATEWAY,
      Level.WARN,
      false,
      "a response that must be edited is too large to buffer",
      "request less data at once"),
  DRAINED(
      Side.GATEWAY,
      Level.DEBUG,
      true,
      "the gateway is stopping, or found out that the client wants another broker",
      ""),
  OUT_OF_DESCRIPTORS(
      Side.GATEWAY,
      Level.WARN,
      true,
      "the gateway cannot open another socket",
      "raise the limit of open files (ulimit -n, LimitNOFILE)"),
  INTERNAL_ERROR(
      Side.GATEWAY,
      Level.WARN,
      true,
      "an internal error of the gateway",
      "report it with the stack trace in the log"),
  BROKER_CLOSED(Side.BROKER, Level.INFO, true, "the broker closed the connection", ""),
  BROKER_RESET(Side.BROKER, Level.INFO, true, "the broker reset the connection", ""),
  BROKER_UNREACHABLE(
      Side.BROKER,
      Level.WARN,
      true,
      "no connection to the broker",
      "check whether the brokers run and can be reached from the gateway"),
  BROKER_LOGIN_FAILED(
      Side.BROKER,
      Level.WARN,
      false,
      "the broker no longer accepts the gateway's login",
      "check the gateway's account at the brokers"),
  MALFORMED_RESPONSE(
      Side.BROKER,
      Level.WARN,
      false,
      "a response cannot be read",
      "report it with the api and the brokers' version");

  private final Side side;
  private final Level level;
  private final boolean retry;
  private final String text;
  private final String advice;

  CloseReason(Side side, Level level, boolean retry, String text, String advice) {
    this.side = side;
    this.level = level;
    this.retry = retry;
    this.text = text;
    this.advice = advice;
  }

  @Override
  public Side side() {
    return side;
  }

  @Override
  public ErrorCode code() {
    return ErrorCode.NONE;
  }

  @Override
  public boolean mayRetry() {
    return retry;
  }

  @Override
  public Level level() {
    return level;
  }

  @Override
  public String text() {
    return text;
  }

  @Override
  public String advice() {
    return advice;
  }
}
