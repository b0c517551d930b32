package io.gatehouse.gateway.cluster;

import java.io.IOException;

/** A login came to its end, and not to a good one: another try with this account ends alike. */
public final class LoginRefusedException extends IOException {

  private static final long serialVersionUID = 1L;

  LoginRefusedException(String message) {
    super(message);
  }
}
