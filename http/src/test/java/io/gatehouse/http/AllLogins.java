package io.gatehouse.http;

import io.gatehouse.auth.Secret;
import io.gatehouse.control.Logins;
import io.gatehouse.control.kind.ServiceAccount;

/** Logins by which accounts of all types can authenticate, and with tokens. */
record AllLogins() implements Logins {

  @Override
  public Secret tokenKey() {
    return new Secret("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
  }

  @Override
  public boolean take(ServiceAccount.Type type) {
    return true;
  }
}
