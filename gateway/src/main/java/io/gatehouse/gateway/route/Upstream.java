package io.gatehouse.gateway.route;

import io.gatehouse.gateway.link.Connector;
import io.gatehouse.gateway.settings.Accounts;

/**
 * A cluster behind the gateway, and the way to it.
 *
 * @param name as listeners call it
 */
public record Upstream(String name, Cluster cluster, Connector connector, ClusterWatch watch)
    implements AutoCloseable {

  public Accounts accounts() {
    return connector.settings().access().accounts();
  }

  @Override
  public void close() {
    watch.close();
  }
}
