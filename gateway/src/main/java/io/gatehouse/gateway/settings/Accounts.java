package io.gatehouse.gateway.settings;

import io.gatehouse.identity.Principal;
import io.gatehouse.identity.login.Login;
import io.gatehouse.identity.sasl.token.ServiceAccountTokens;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whom the gateway logs in as at brokers.
 *
 * <p>A name alone is not a client: {@code alice} of the virtual cluster {@code B} is named {@code
 * B/alice} here, and {@code alice} is the one of no virtual cluster.
 *
 * @param own for its own questions, and for clients without an account of their own; null: it does
 *     not log in
 * @param byPrincipal accounts of certain clients
 * @param ownForOthers whether clients that are not named use {@code own}; otherwise they are
 *     refused
 */
public record Accounts(@Nullable Login own, Map<String, Login> byPrincipal, boolean ownForOthers) {

  public static final Accounts NONE = new Accounts(null, Map.of(), true);

  public Accounts {
    byPrincipal = Map.copyOf(byPrincipal);
  }

  public static Accounts of(Login own) {
    return new Accounts(own, Map.of(), true);
  }

  /** Whether this client may be let through at all. */
  public boolean admits(Principal client) {
    return ownForOthers || named(client) != null;
  }

  /** The account for this client, or null for none. */
  public @Nullable Login of(Principal client) {
    Login login = named(client);
    return login == null && ownForOthers ? own : login;
  }

  private @Nullable Login named(Principal client) {
    String tenant = client.attributes().get(ServiceAccountTokens.VCLUSTER);
    if (tenant == null) {
      return byPrincipal.get(client.name());
    }
    // With a slash in it, B/C/alice could be alice of B/C or C/alice of B.
    return tenant.indexOf('/') >= 0 ? null : byPrincipal.get(tenant + "/" + client.name());
  }
}
