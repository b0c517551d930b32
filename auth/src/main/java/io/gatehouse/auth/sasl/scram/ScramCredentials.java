package io.gatehouse.auth.sasl.scram;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.User;
import org.jspecify.annotations.Nullable;

/** Looks up credentials. Safe for use by many threads; does not block for long. */
@FunctionalInterface
public interface ScramCredentials {

  /** The user's credential of this hash, or null. */
  @Nullable ScramCredential find(ScramHash hash, String user);

  /** The identity of a user who has proved to know the password. */
  default User identity(String user) {
    return User.named(user);
  }

  /**
   * Checks during a session that the user still has this credential.
   *
   * @return null if credentials cannot change
   */
  default @Nullable CredentialCheck check(ScramHash hash, String user, ScramCredential found) {
    return null;
  }

  /**
   * A real credential whose iterations and salt length a fake one for an unknown user copies, or
   * null for defaults.
   *
   * @param pick any number; the same number gives the same credential as long as the users do not
   *     change
   */
  default @Nullable ScramCredential model(ScramHash hash, int pick) {
    return null;
  }
}
