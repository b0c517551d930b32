package io.gatehouse.gateway.metrics;

/** Why a client connection ended, and on whose account. */
public enum CloseReason {
  CLIENT_CLOSED(Side.CLIENT, "the client closed the connection"),
  CLIENT_RESET(Side.CLIENT, "the client reset the connection"),
  CLIENT_HALF_CLOSED(Side.CLIENT, "the client ended its side and got its answers"),
  FIRST_REQUEST_TIMEOUT(Side.CLIENT, "no request came in time"),
  REQUEST_TIMEOUT(Side.CLIENT, "a request was begun and not finished in time"),
  RESPONSE_TIMEOUT(Side.CLIENT, "the client did not read its answers in time"),
  IDLE(Side.CLIENT, "nothing happened on the connection for the idle timeout"),
  NOT_KAFKA(Side.CLIENT, "the client's bytes are no Kafka request"),
  TLS_ON_PLAINTEXT(Side.CLIENT, "the client speaks TLS to a plaintext listener"),
  HTTP_ON_KAFKA(Side.CLIENT, "the client speaks HTTP to a Kafka listener"),
  FRAME_TOO_LARGE(Side.CLIENT, "a request is larger than allowed"),
  MALFORMED_REQUEST(Side.CLIENT, "a request cannot be read"),
  UNSUPPORTED_VERSION(Side.CLIENT, "a request is of an api or version this gateway does not know"),
  REFUSED_WITHOUT_ANSWER(Side.CLIENT, "a request is forbidden and cannot be answered"),
  ACKS_ZERO_FORBIDDEN(Side.CLIENT, "produce with acks=0 is forbidden"),
  TLS_FAILED(Side.CLIENT, "the TLS handshake failed"),
  PLAINTEXT_ON_TLS(Side.CLIENT, "the client speaks no TLS to a TLS listener"),
  UNKNOWN_SERVER_NAME(Side.CLIENT, "the client asks for a host name that is not served here"),
  NO_SERVER_NAME(Side.CLIENT, "the client sends no server name (SNI) where one is required"),
  BAD_PROXY_HEADER(Side.CLIENT, "the PROXY protocol header is not as it must be"),
  NOT_AUTHENTICATED(Side.CLIENT, "a request came before the client was authenticated"),
  AUTHENTICATION_FAILED(Side.CLIENT, "the client is not let in"),
  AUTHENTICATION_EXPIRED(Side.CLIENT, "the client did not authenticate anew in time"),
  NO_LONGER_LET_IN(Side.CLIENT, "the client was let in and would not be any more"),
  TOO_MANY_CONNECTIONS(Side.GATEWAY, "the limit of connections is reached"),
  TOO_MANY_FROM_ADDRESS(Side.GATEWAY, "the limit of connections of one address is reached"),
  MEMORY_SPENT(Side.GATEWAY, "the memory for frames that must be held is spent"),
  DECISION_TIMEOUT(Side.GATEWAY, "what becomes of a request was not decided in time"),
  DRAINED(Side.GATEWAY, "the gateway is stopping, or knows by now that another broker was wanted"),
  OUT_OF_DESCRIPTORS(Side.GATEWAY, "the gateway may open no further socket"),
  INTERNAL_ERROR(Side.GATEWAY, "an error in the gateway"),
  BROKER_CLOSED(Side.BROKER, "the broker closed the connection"),
  BROKER_RESET(Side.BROKER, "the broker reset the connection"),
  BROKER_UNREACHABLE(Side.BROKER, "no connection to the broker"),
  BROKER_LOGIN_FAILED(Side.BROKER, "the broker no longer accepts the gateway's login"),
  MALFORMED_RESPONSE(Side.BROKER, "a response cannot be read");

  /** Who ended it or is to blame. */
  public enum Side {
    CLIENT,
    GATEWAY,
    BROKER
  }

  private final Side side;
  private final String text;

  CloseReason(Side side, String text) {
    this.side = side;
    this.text = text;
  }

  public Side side() {
    return side;
  }

  /** One clause for a log line. */
  public String text() {
    return text;
  }
}
