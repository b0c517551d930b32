package io.gatehouse.control;

import io.gatehouse.auth.Secret;
import io.gatehouse.control.kind.ServiceAccount;
import org.jspecify.annotations.Nullable;

/** Logins by which accounts of all types can authenticate, without tokens. */
public record AnyLogins() implements Logins {

  @Override
  public @Nullable Secret tokenKey() {
    return null;
  }

  @Override
  public boolean take(ServiceAccount.Type type) {
    return true;
  }
}
