package io.gatehouse.auth.login;

import org.jspecify.annotations.Nullable;

/** The gateway cannot log in at a broker. The message holds no secret. */
public final class LoginFailure extends Exception {

  private static final long serialVersionUID = 1;

  public LoginFailure(String message) {
    super(message);
  }

  public LoginFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
