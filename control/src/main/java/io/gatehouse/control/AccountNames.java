package io.gatehouse.control;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.User;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.store.Store;
import org.jspecify.annotations.Nullable;

/**
 * The service accounts of users by the names that others know them by. Users without an account,
 * and those of a tenant, keep their names.
 */
public record AccountNames(Store store) {

  /** Whom a user is here, as long as the check does not find another one. */
  public record Known(User user, CredentialCheck check) {}

  /**
   * Finds the account of a user who has authenticated.
   *
   * @param credentials whether the user's credentials are still valid; null if they always are
   */
  public Known find(User external, @Nullable CredentialCheck credentials) {
    Check check = new Check(external, credentials);
    return new Known(check.user, check);
  }

  private User userOf(User external) {
    ServiceAccount account =
        external.tenant() == null ? store.current().withExternalName(external.name()) : null;
    return account == null ? external : account.id();
  }

  /** Whether the user still has the account name that the session began with. */
  private final class Check implements CredentialCheck {

    private final User external;
    private final @Nullable CredentialCheck credentials;
    private final User user;
    private volatile long seen;

    Check(User external, @Nullable CredentialCheck credentials) {
      this.external = external;
      this.credentials = credentials;
      this.seen = store.current().revision();
      this.user = userOf(external);
    }

    @Override
    public boolean isOutdated() {
      if (credentials != null && credentials.isOutdated()) {
        return true;
      }
      long revision = store.current().revision();
      if (revision == seen) {
        return false;
      }
      if (!user.equals(userOf(external))) {
        return true;
      }
      seen = revision;
      return false;
    }

    @Override
    public @Nullable String recheck() {
      String refusal = credentials == null ? null : credentials.recheck();
      if (refusal == null && !user.equals(userOf(external))) {
        return "the service account of the user has changed";
      }
      return refusal;
    }
  }
}
