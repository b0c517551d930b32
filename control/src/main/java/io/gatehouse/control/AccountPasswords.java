package io.gatehouse.control;

import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.User;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramCredentials;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.control.kind.AccountPassword;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreSettings;
import org.jspecify.annotations.Nullable;

/** The passwords of local accounts, for SCRAM. SCRAM transmits no virtual cluster. */
public final class AccountPasswords implements ScramCredentials {

  private final Store store;

  /** The store with the passwords. */
  public record Settings(StoreSettings store) implements Source<AccountPasswords> {
    @Override
    public AccountPasswords open(Leases parts) throws SourceException {
      return new AccountPasswords(parts.get(store));
    }

    @Override
    public void check() {
      store.check();
    }
  }

  AccountPasswords(Store store) {
    this.store = store;
  }

  @Override
  public User identity(String user) {
    return new User(Key.PASSTHROUGH, user);
  }

  @Override
  public @Nullable ScramCredential find(ScramHash hash, String user) {
    AccountPassword password =
        store.current().get(new Key(Kind.ACCOUNT_PASSWORD, identity(user)), AccountPassword.class);
    return password == null ? null : password.credentials().get(hash);
  }

  @Override
  public CredentialCheck check(ScramHash hash, String user, ScramCredential found) {
    return new PasswordCheck(hash, user, found);
  }

  /** Whether the account still has the password with which a session began. */
  private final class PasswordCheck implements CredentialCheck {

    private final ScramHash hash;
    private final String user;
    private final ScramCredential proved;
    private volatile long seen = -1;

    PasswordCheck(ScramHash hash, String user, ScramCredential proved) {
      this.hash = hash;
      this.user = user;
      this.proved = proved;
    }

    @Override
    public boolean isOutdated() {
      long revision = store.current().revision();
      if (revision == seen) {
        return false;
      }
      if (!isCurrent()) {
        return true;
      }
      seen = revision;
      return false;
    }

    @Override
    public @Nullable String recheck() {
      return isCurrent() ? null : "a password that was changed or deleted";
    }

    private boolean isCurrent() {
      ScramCredential current = find(hash, user);
      return current != null && current.equals(proved);
    }
  }
}
