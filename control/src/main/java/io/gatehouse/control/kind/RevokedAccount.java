package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An account whose tokens issued before a time are revoked.
 *
 * @param issuedBefore the first second whose tokens hold
 * @param until when all of them have ended anyway, and this need not be kept any more
 */
public record RevokedAccount(User id, Instant issuedBefore, Instant until) implements Resource {

  @Override
  public Key key() {
    return new Key(Kind.REVOKED_ACCOUNT, id);
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    return Resource.document(
        Kind.REVOKED_ACCOUNT,
        ServiceAccount.document(id, true),
        Fields.map("issuedBefore", issuedBefore.toString(), "until", until.toString()));
  }
}
