package io.gatehouse.auth.sasl.scram;

import io.gatehouse.auth.CredentialCheck;
import org.jspecify.annotations.Nullable;

/** Where credentials come from. Safe for use by many threads; does not block for long. */
@FunctionalInterface
public interface ScramCredentials {

  /** The user's, or null when it has none of this hash. */
  @Nullable ScramCredential find(ScramHash hash, String user);

  /**
   * That the user still has the credential that was found.
   *
   * @return null where it cannot change
   */
  default @Nullable CredentialCheck check(ScramHash hash, String user, ScramCredential found) {
    return null;
  }

  /**
   * A credential that one for an unknown name is modelled on, in its iterations and the length of
   * its salt, or null when any will do.
   *
   * @param pick any number; the same one gives the same as long as the users stay the same
   */
  default @Nullable ScramCredential model(ScramHash hash, int pick) {
    return null;
  }
}
