package io.gatehouse.gateway.settings;

import io.gatehouse.auth.login.token.TokenProvider;
import io.gatehouse.auth.pool.Source;

/**
 * What the gateway shows the gateway in front of the brokers before anything else
 * (docs/kafka-proxy.md).
 *
 * @param magic the same number on both sides, not zero
 * @param method a name, the same on both sides
 */
public record HandshakeOffered(long magic, String method, Source<? extends TokenProvider> tokens) {
  public HandshakeOffered {
    HandshakeExpected.check(magic, method);
  }
}
