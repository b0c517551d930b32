package io.gatehouse.gateway.metrics;

import io.gatehouse.wire.ErrorCode;

/** Why a client connection ended, and on whose account. */
public enum CloseReason implements GatewayError {
  CLIENT_CLOSED(Side.CLIENT, Level.DEBUG, true, "the client closed the connection", ""),
  CLIENT_RESET(Side.CLIENT, Level.DEBUG, true, "the client reset the connection", ""),
  CLIENT_HALF_CLOSED(
      Side.CLIENT, Level.DEBUG, true, "the client ended its side and got its answers", ""),
  FIRST_REQUEST_TIMEOUT(
      Side.CLIENT,
      Level.WARN,
      true,
      "no request came in time",
      "look whether a health check or scanner connects without speaking Kafka;"
          + " timeouts.firstRequest sets the time"),
  REQUEST_TIMEOUT(
      Side.CLIENT,
      Level.WARN,
      true,
      "a request was begun and not finished in time",
      "look at the network between client and gateway; timeouts.request and timeouts.requestRate"
          + " set the time"),
  RESPONSE_TIMEOUT(
      Side.CLIENT,
      Level.WARN,
      true,
      "the client did not read its answers in time",
      "look whether the client hangs; timeouts.response sets the time"),
  IDLE(
      Side.CLIENT,
      Level.DEBUG,
      true,
      "nothing happened on the connection for the idle timeout",
      ""),
  NOT_KAFKA(
      Side.CLIENT,
      Level.WARN,
      false,
      "the client's bytes are no Kafka request",
      "look what program connects to this port"),
  TLS_ON_PLAINTEXT(
      Side.CLIENT,
      Level.WARN,
      false,
      "the client speaks TLS to a plaintext listener",
      "set security.protocol of the client to PLAINTEXT or SASL_PLAINTEXT, or use a listener with"
          + " TLS"),
  HTTP_ON_KAFKA(
      Side.CLIENT,
      Level.WARN,
      false,
      "the client speaks HTTP to a Kafka listener",
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
      "look at the client library and its version"),
  UNSUPPORTED_VERSION(
      Side.CLIENT,
      Level.WARN,
      false,
      "a request is of an api or version this gateway does not know",
      "use a client that asks for ApiVersions first"),
  REFUSED_WITHOUT_ANSWER(
      Side.CLIENT,
      Level.WARN,
      false,
      "a request is forbidden and cannot be answered",
      "allow the api, or keep the client from using it"),
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
      "the client speaks no TLS to a TLS listener",
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
      "the PROXY protocol header is not as it must be",
      "make the balancer send the PROXY header, or take its network out of those that must"),
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
      "the client is not let in",
      "look at the client's credentials and at the audit log"),
  AUTHENTICATION_EXPIRED(
      Side.CLIENT,
      Level.WARN,
      true,
      "the client did not authenticate anew in time",
      "use a client that authenticates anew (KIP-368), or give longer sessions"),
  NO_LONGER_LET_IN(
      Side.CLIENT,
      Level.WARN,
      false,
      "the client was let in and would not be any more",
      "nothing if access was withdrawn; else look at what changed"),
  TOO_MANY_CONNECTIONS(
      Side.GATEWAY,
      Level.WARN,
      true,
      "the limit of connections is reached",
      "raise limits.connections, or look who opens so many"),
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
      "the memory for frames that must be held is spent",
      "raise limits.bufferedBytes and the memory of the process, or look for clients that read"
          + " slowly"),
  DECISION_TIMEOUT(
      Side.GATEWAY,
      Level.WARN,
      true,
      "what becomes of a request was not decided in time",
      "look at the service that decides"),
  RESPONSE_TOO_LARGE(
      Side.GATEWAY,
      Level.WARN,
      false,
      "a response is larger than may be held to be edited",
      "ask for less at once"),
  DRAINED(
      Side.GATEWAY,
      Level.DEBUG,
      true,
      "the gateway is stopping, or knows by now that another broker was wanted",
      ""),
  OUT_OF_DESCRIPTORS(
      Side.GATEWAY,
      Level.WARN,
      true,
      "the gateway may open no further socket",
      "raise the limit of open files (ulimit -n, LimitNOFILE)"),
  INTERNAL_ERROR(
      Side.GATEWAY,
      Level.WARN,
      true,
      "an error in the gateway",
      "report it with the stack trace in the log"),
  BROKER_CLOSED(Side.BROKER, Level.INFO, true, "the broker closed the connection", ""),
  BROKER_RESET(Side.BROKER, Level.INFO, true, "the broker reset the connection", ""),
  BROKER_UNREACHABLE(
      Side.BROKER,
      Level.WARN,
      true,
      "no connection to the broker",
      "look whether the brokers run and can be reached from here"),
  BROKER_LOGIN_FAILED(
      Side.BROKER,
      Level.WARN,
      false,
      "the broker no longer accepts the gateway's login",
      "look at the gateway's account at the brokers"),
  MALFORMED_RESPONSE(
      Side.BROKER,
      Level.WARN,
      false,
      "a response cannot be read",
      "report it with the api and the version of the brokers");

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
