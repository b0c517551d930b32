package io.gatehouse.gateway.metrics;

/** Why the gateway answers a request with an error of its own instead of passing it on. */
public enum RefusalReason {
  FORBIDDEN_API("the api is forbidden by the rules"),
  UNKNOWN_VERSION("the gateway does not know the version"),
  SASL_OF_GATEWAY(
      "the gateway logs in at the broker for this client, which has no login of its own"),
  NO_SERVER_NAME(
      "the client sent no server name (SNI) in its TLS greeting, so the gateway cannot tell which"
          + " broker it wants; address the gateway by a full host name and have the client send"
          + " it");

  private final String text;

  RefusalReason(String text) {
    this.text = text;
  }

  /** One clause for a log line or an error message. */
  public String text() {
    return text;
  }
}
