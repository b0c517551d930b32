package io.gatehouse.control;

import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.token.ServiceAccountTokens;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.RevokedAccount;
import io.gatehouse.control.kind.RevokedToken;
import io.gatehouse.control.store.Snapshot;
import io.gatehouse.control.store.Store;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Answers from a store which accounts exist and which tokens are revoked. */
final class LiveAccounts implements ServiceAccountTokens.Accounts {

  private final Store store;
  private final boolean required;

  LiveAccounts(Store store, boolean required) {
    this.store = store;
    this.required = required;
  }

  @Override
  public boolean exists(@Nullable String vcluster, String user) {
    return !required
        || store.current().get(new Key(Kind.SERVICE_ACCOUNT, user(vcluster, user))) != null;
  }

  @Override
  public @Nullable String revoked(ServiceAccountTokens.Facts token) {
    Snapshot now = store.current();
    if (token.id() != null
        && now.get(Key.of(Kind.REVOKED_TOKEN, token.id()), RevokedToken.class) != null) {
      return "a token that was revoked";
    }
    RevokedAccount account =
        now.get(
            new Key(Kind.REVOKED_ACCOUNT, user(token.vcluster(), token.user())),
            RevokedAccount.class);
    boolean older =
        account != null
            && (token.issued() == null || token.issued().isBefore(account.issuedBefore()));
    return older ? "a token of before the account was deleted, or its tokens revoked" : null;
  }

  @Override
  public long revision() {
    return store.current().revision();
  }

  private static User user(@Nullable String vcluster, String name) {
    return new User(Objects.requireNonNullElse(vcluster, Key.PASSTHROUGH), name);
  }
}
