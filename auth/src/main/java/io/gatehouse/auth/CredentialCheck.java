package io.gatehouse.auth;

import org.jspecify.annotations.Nullable;

/**
 * Checks again whether a client's credentials are still accepted during its session: a certificate
 * can be revoked, a user removed. The session asks {@link #isOutdated} before each request, and if
 * so lets the request wait for {@link #recheck}.
 */
public interface CredentialCheck {

  /**
   * Whether the data behind the credentials has changed since the last check. Takes constant time
   * and never blocks.
   */
  boolean isOutdated();

  /**
   * Checks the credentials again. May read files and verify signatures, so it is called on virtual
   * threads.
   *
   * @return why the credentials are no longer accepted, for the operator; null if they are
   */
  @Nullable String recheck();
}
