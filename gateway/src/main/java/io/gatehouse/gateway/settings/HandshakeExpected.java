package io.gatehouse.gateway.settings;

import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.token.TokenVerifier;
import java.time.Duration;

/**
 * The handshake that another gateway must complete first (docs/kafka-proxy.md).
 *
 * @param magic a number that is equal on both sides, not zero
 * @param method a name that is equal on both sides
 * @param tokens verifies the token
 * @param timeout limit for the whole handshake
 */
public record HandshakeExpected(
    long magic, String method, Source<? extends TokenVerifier> tokens, Duration timeout) {
  public HandshakeExpected {
    check(magic, method);
    if (timeout.isZero() || timeout.isNegative()) {
      throw new IllegalArgumentException("the handshake's time limit is " + timeout);
    }
  }

  /** Validates the values that both kinds of handshake share. */
  static void check(long magic, String method) {
    if (magic == 0) {
      throw new IllegalArgumentException("the magic number between gateways must not be 0");
    }
    if (method.isEmpty() || method.indexOf(0) >= 0) {
      throw new IllegalArgumentException("the handshake between gateways needs a method's name");
    }
  }
}
