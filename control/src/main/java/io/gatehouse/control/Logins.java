package io.gatehouse.control;

import io.gatehouse.auth.Secret;
import io.gatehouse.control.kind.ServiceAccount;
import org.jspecify.annotations.Nullable;

/** How clients can authenticate by the current settings, as far as accounts depend on it. */
public interface Logins {

  /** The key that signs tokens; null if no listener accepts tokens. */
  @Nullable Secret tokenKey();

  /** Whether any listener accepts accounts of this type. */
  boolean take(ServiceAccount.Type type);
}
