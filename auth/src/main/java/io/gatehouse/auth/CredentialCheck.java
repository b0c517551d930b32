package io.gatehouse.auth;

import org.jspecify.annotations.Nullable;

/**
 * What lets one client in and may be taken back while its session lasts: a certificate can be
 * revoked, a user removed. Whoever holds the session asks {@link #isOutdated} before each request,
 * and where it says so has the proof checked again before the request goes on.
 */
public interface CredentialCheck {

  /**
   * Whether what the proof was checked against has changed since it was checked last. Takes
   * constant time and never blocks.
   */
  boolean isOutdated();

  /**
   * Checks it again. May read files and verify signatures, so it is called on virtual threads.
   *
   * @return why the client would not be let in any more, for the operator; null if it would
   */
  @Nullable String recheck();
}
