package io.gatehouse.gateway.settings;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.pool.Source;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whom the gateway logs in as at brokers.
 *
 * @param own for its own questions, and for clients without an account of their own; null: it does
 *     not log in
 * @param byUser accounts of certain clients
 * @param ownForOthers whether clients that are not named use {@code own}; otherwise they are
 *     refused
 */
public record Accounts(
    @Nullable Source<Login> own, Map<User, Source<Login>> byUser, boolean ownForOthers) {

  public static final Accounts NONE = new Accounts(null, Map.of(), true);

  public Accounts {
    byUser = Map.copyOf(byUser);
  }

  public static Accounts of(Source<Login> own) {
    return new Accounts(own, Map.of(), true);
  }

  /** Whether this client may be let through at all. */
  public boolean admits(Principal client) {
    return ownForOthers || byUser.containsKey(client.user());
  }

  /** The account for this client, or null for none. */
  public @Nullable Source<Login> of(Principal client) {
    Source<Login> login = byUser.get(client.user());
    return login == null && ownForOthers ? own : login;
  }
}
