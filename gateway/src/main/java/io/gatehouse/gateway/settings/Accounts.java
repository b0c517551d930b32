package io.gatehouse.gateway.settings;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.pool.Source;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The accounts that the gateway logs in with at brokers.
 *
 * @param own the account for the gateway's own requests, and for clients without an entry in {@code
 *     byUser}; null if it does not log in
 * @param byUser accounts by client
 * @param ownForOthers whether clients without an entry use {@code own}; else they are refused
 */
public record Accounts(
    @Nullable Source<Login> own, Map<User, Source<Login>> byUser, boolean ownForOthers) {

  public static final Accounts NONE = new Accounts(null, Map.of(), true);

  public Accounts {
    byUser = Map.copyOf(byUser);
  }

  /** One account for the gateway and all clients. */
  public static Accounts of(Source<Login> own) {
    return new Accounts(own, Map.of(), true);
  }

  /** Whether this client may connect to the cluster. */
  public boolean admits(Principal client) {
    return ownForOthers || byUser.containsKey(client.user());
  }

  /** The account for this client, or null for none. */
  public @Nullable Source<Login> of(Principal client) {
    Source<Login> login = byUser.get(client.user());
    return login == null && ownForOthers ? own : login;
  }
}
