package io.gatehouse.gateway.link;

import io.gatehouse.auth.login.Login;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf a broker is called.
 *
 * @param login the account to log in as, or null for none
 * @param client the client's own address, for a PROXY header; null: the gateway asks for itself
 * @param local where the client connected to
 * @param clientId what the requests of the login say as client id; null: what the settings say
 */
public record Caller(
    @Nullable Login login,
    @Nullable InetSocketAddress client,
    @Nullable InetSocketAddress local,
    @Nullable String clientId) {

  /** The gateway itself. */
  public static Caller itself(@Nullable Login login) {
    return new Caller(login, null, null, null);
  }
}
