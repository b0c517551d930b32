package io.gatehouse.gateway;

import java.util.List;

/**
 * Settings cannot be used: the gateway does not start, or goes on with those it has. The message is
 * for the user: what, where, what to do.
 */
public final class GatewayStartException extends Exception {

  private static final long serialVersionUID = 1L;

  GatewayStartException(List<String> problems) {
    super(String.join("; ", problems));
  }
}
