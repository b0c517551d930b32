package io.gatehouse.gateway.cluster;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.gateway.settings.Accounts;
import org.jspecify.annotations.Nullable;

/**
 * A cluster behind the gateway, with its connector and watch.
 *
 * @param name name in the settings, which listeners refer to
 * @param opened leases of the live objects that its settings describe, such as accounts
 */
public record Upstream(
    String name, Cluster cluster, Connector connector, ClusterWatch watch, Leases opened)
    implements AutoCloseable {

  /** Whether this is the same running instance, rather than one with equal settings. */
  public boolean isSameInstance(@Nullable Upstream other) {
    return other != null && other.cluster == cluster;
  }

  public Accounts accounts() {
    return connector.settings().access().accounts();
  }

  /** The account the gateway logs in with for this client, or null for none. */
  public @Nullable Login login(Principal client, @Nullable String virtualCluster) {
    Source<Login> account = accounts().of(client, virtualCluster);
    return account == null ? null : opened.held(account);
  }

  @Override
  public void close() {
    watch.close();
    opened.close();
  }
}
