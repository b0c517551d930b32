package io.gatehouse.gateway.plan;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.access.FetchSession;
import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.gateway.acl.AclStore;
import org.jspecify.annotations.Nullable;

/**
 * The client that sends requests, as far as plans and their steps depend on it. Compared by value.
 *
 * @param mechanism how the user was authenticated: a SASL mechanism, {@code SSL}, or {@code NONE}
 * @param listener the name of the listener that the client connected to
 * @param access what it may do; null if everything
 */
public record Caller(User user, String mechanism, String listener, @Nullable Access access) {

  /** A client that may do everything. */
  public Caller(User user, String mechanism, String listener) {
    this(user, mechanism, listener, null);
  }

  /** Decides about what it may do; null if that is everything. */
  public @Nullable AclCaller rights() {
    return access == null || access.rights.mayDoEverything() ? null : access.rights;
  }

  /**
   * What a client may do.
   *
   * @param rights decides about it
   * @param host the client's address
   * @param store where the rules are kept; null if clients cannot change them
   * @param session the client's session of fetches
   */
  public record Access(
      AclCaller rights, String host, @Nullable AclStore store, FetchSession session) {

    /** Without a session yet. */
    public Access(AclCaller rights, String host, @Nullable AclStore store) {
      this(rights, host, store, new FetchSession());
    }
  }
}
