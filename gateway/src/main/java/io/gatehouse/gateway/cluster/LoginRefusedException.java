package io.gatehouse.gateway.cluster;

import java.io.IOException;

/** A broker refused a SASL login. Retrying with the same account would fail again. */
public final class LoginRefusedException extends IOException {

  private static final long serialVersionUID = 1L;

  LoginRefusedException(String message) {
    super(message);
  }
}
