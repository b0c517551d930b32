package io.gatehouse.gateway.tenant;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.User;
import org.jspecify.annotations.Nullable;

/** Where the users of clients belong. Thread-safe; answers at once. */
@FunctionalInterface
public interface Tenants {

  /** All clients see the cluster as it is. */
  Tenants NONE = (_, _) -> Place.PASSTHROUGH;

  /**
   * The place of a user. It may change, see {@code Gateway.renewPlans}.
   *
   * @param user the authenticated user; one without a name of its own for clients that did not
   *     authenticate
   * @param listener the name of the listener that the client connected to
   */
  Place of(User user, String listener);

  /** Whom a user is here who has authenticated with a certificate. */
  default Known known(User external) {
    return new Known(external, null);
  }

  /**
   * A user of the gateway.
   *
   * @param check whether it is still that one; null if it always is
   */
  record Known(User user, @Nullable CredentialCheck check) {}

  /** What a user sees. */
  sealed interface Place {

    Place PASSTHROUGH = new Passthrough();

    /** The cluster as it is. */
    record Passthrough() implements Place {}

    /** A virtual cluster. */
    record Within(Tenant tenant) implements Place {}

    /**
     * Nothing: the user must not send requests.
     *
     * @param reason for logs, in a few words that follow "because"
     */
    record Nowhere(String reason) implements Place {}
  }
}
