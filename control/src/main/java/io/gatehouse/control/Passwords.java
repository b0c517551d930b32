package io.gatehouse.control;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.Rights.Verb;
import io.gatehouse.control.kind.AccountPassword;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.PasswordRequest;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.store.Change;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.stream.Stream;

/**
 * Changes the passwords of local accounts, with which clients authenticate by SCRAM. Only salted
 * hashes are stored. Methods may block.
 */
public final class Passwords {

  private static final int GENERATED_BYTES = 24;

  private final Administration administration;

  public Passwords(Administration administration) {
    this.administration = administration;
  }

  /** All accounts that have a password. */
  public Stream<AccountPassword> list() {
    return administration.list(AccountPassword.class);
  }

  /**
   * Sets the password of an account, whose sessions with the former one end.
   *
   * @return the password
   * @throws Refusal when the account does not exist or is not local
   */
  public Secret set(PasswordRequest request) throws Refusal {
    Key account = new Key(Kind.SERVICE_ACCOUNT, request.account());
    administration.require(Verb.WRITE, account);
    Secret password = request.password() == null ? generated() : request.password();
    AccountPassword hashed =
        AccountPassword.of(request.account(), password.reveal(), request.iterations());
    administration.write(now -> {
      ServiceAccount found = now.get(account, ServiceAccount.class);
      if (found == null) {
        throw Administration.missing(account);
      }
      if (found.type() != ServiceAccount.Type.LOCAL) {
        throw new Refusal(
            Reason.CONFLICT,
            "The service account is not local",
            "The service account %s is EXTERNAL: others authenticate it."
                .formatted(account.shown()));
      }
      return Change.put(now, hashed);
    });
    return password;
  }

  /**
   * Deletes the password of an account, whose sessions with it end.
   *
   * @throws Refusal when it has none
   */
  public void delete(User account) throws Refusal {
    Key key = new Key(Kind.ACCOUNT_PASSWORD, account);
    administration.require(Verb.WRITE, key);
    administration.write(now -> {
      if (now.get(key) == null) {
        throw Administration.missing(key);
      }
      return Change.delete(now, key);
    });
  }

  private static Secret generated() {
    byte[] bytes = new byte[GENERATED_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }
}
