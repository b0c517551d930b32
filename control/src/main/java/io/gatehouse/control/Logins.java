package io.gatehouse.control;

import io.gatehouse.auth.Secret;
import io.gatehouse.control.kind.ServiceAccount;
import org.jspecify.annotations.Nullable;

/** The current settings of the gateway, as far as resources depend on them. */
public interface Logins {

  /** The key that signs tokens; null if no listener accepts tokens. */
  @Nullable Secret tokenKey();

  /** Whether any listener accepts accounts of this type. */
  boolean take(ServiceAccount.Type type);

  /** Whether the clients of a listener are in this virtual cluster, whoever they are. */
  default boolean leadTo(String virtualCluster) {
    return false;
  }

  /** Comes after the name of a virtual cluster in its prefix, where nobody chooses another one. */
  default String prefixSeparator() {
    return "";
  }
}
