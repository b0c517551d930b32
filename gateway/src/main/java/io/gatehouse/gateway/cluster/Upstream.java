package io.gatehouse.gateway.cluster;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.gateway.settings.Accounts;
import org.jspecify.annotations.Nullable;

/**
 * A cluster behind the gateway, and the way to it.
 *
 * @param name as listeners call it
 * @param opened the accounts that the settings describe, among others
 */
public record Upstream(
    String name, Cluster cluster, Connector connector, ClusterWatch watch, Leases opened)
    implements AutoCloseable {

  /** Whether it is the very same, and not one with equal settings. */
  public boolean isSame(@Nullable Upstream other) {
    return other != null && other.cluster == cluster;
  }

  public Accounts accounts() {
    return connector.settings().access().accounts();
  }

  /** Whom the gateway logs in as for this client, or null for nobody. */
  public @Nullable Login login(Principal client) {
    Source<Login> account = accounts().of(client);
    return account == null ? null : opened.held(account);
  }

  @Override
  public void close() {
    watch.close();
    opened.close();
  }
}
