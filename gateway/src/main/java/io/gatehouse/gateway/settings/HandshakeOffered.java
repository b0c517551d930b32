package io.gatehouse.gateway.settings;

import io.gatehouse.auth.login.token.TokenProvider;
import io.gatehouse.auth.pool.Source;

/**
 * The handshake that the gateway completes first with a gateway in front of the brokers
 * (docs/kafka-proxy.md).
 *
 * @param magic a number that is equal on both sides, not zero
 * @param method a name that is equal on both sides
 * @param tokens provides the token
 */
public record HandshakeOffered(long magic, String method, Source<? extends TokenProvider> tokens) {
  public HandshakeOffered {
    HandshakeExpected.check(magic, method);
  }
}
