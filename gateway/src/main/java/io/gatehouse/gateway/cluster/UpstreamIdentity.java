package io.gatehouse.gateway.cluster;

import io.gatehouse.auth.login.Login;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The identity with which the gateway opens a connection to a broker.
 *
 * @param login the account to log in as, or null for none
 * @param client the client's address for the PROXY header; null for the gateway's own connections
 * @param local the gateway's address on the client's connection; null as above
 * @param clientId client id of the login's requests; null for the one in the settings
 */
public record UpstreamIdentity(
    @Nullable Login login,
    @Nullable InetSocketAddress client,
    @Nullable InetSocketAddress local,
    @Nullable String clientId) {

  /** The identity of the connections that the gateway opens for its own requests. */
  public static UpstreamIdentity ofGateway(@Nullable Login login) {
    return new UpstreamIdentity(login, null, null, null);
  }
}
