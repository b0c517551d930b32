package io.gatehouse.gateway.cluster;

import io.gatehouse.auth.login.Login;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The identity with which the gateway opens a connection to a broker.
 *
 * @param login the account to log in as, or null for none
 * @param client the client's own address, for a PROXY header; null: the gateway asks for itself
 * @param local where the client connected to
 * @param clientId what the requests of the login say as client id; null: what the settings say
 */
public record UpstreamIdentity(
    @Nullable Login login,
    @Nullable InetSocketAddress client,
    @Nullable InetSocketAddress local,
    @Nullable String clientId) {

  /** The identity of the connections that the gateway opens for its own requests. */
  public static UpstreamIdentity itself(@Nullable Login login) {
    return new UpstreamIdentity(login, null, null, null);
  }
}
