package io.gatehouse.gateway;

/** The gateway cannot start. The message is for the user: what, where, what to do. */
public final class GatewayStartException extends Exception {

  private static final long serialVersionUID = 1L;

  GatewayStartException(Exception cause) {
    super(cause.getMessage(), cause);
  }
}
