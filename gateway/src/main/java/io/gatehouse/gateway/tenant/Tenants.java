package io.gatehouse.gateway.tenant;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.User;
import io.gatehouse.gateway.settings.Tenancy;
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

    /** The name of the virtual cluster, also of passthrough; null for nothing. */
    @Nullable String name();

    /** The cluster as it is. */
    record Passthrough() implements Place {
      @Override
      public String name() {
        return Tenancy.PASSTHROUGH;
      }
    }

    /** A virtual cluster. */
    record Within(Tenant tenant) implements Place {
      @Override
      public String name() {
        return tenant.name();
      }
    }

    /**
     * Nothing: the user must not send requests.
     *
     * @param reason for logs, in a few words that follow "because"
     */
    record Nowhere(String reason) implements Place {
      @Override
      public @Nullable String name() {
        return null;
      }
    }
  }
}
