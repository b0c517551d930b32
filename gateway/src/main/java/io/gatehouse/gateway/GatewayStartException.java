package io.gatehouse.gateway;

import java.util.List;

/**
 * Settings cannot be used: the gateway does not start, or keeps its current ones. The message tells
 * users what is wrong, where, and what to do.
 */
public final class GatewayStartException extends Exception {

  private static final long serialVersionUID = 1L;

  GatewayStartException(List<String> problems) {
    super(String.join("; ", problems));
  }
}
