package io.gatehouse.gateway.settings;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.User;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.pool.Source;
import java.util.Collection;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The accounts that the gateway logs in with at brokers.
 *
 * @param own the account for the gateway's own requests, and for clients without another one; null
 *     if it does not log in
 * @param byUser accounts by client
 * @param byVirtualCluster accounts of all clients of a virtual cluster, also passthrough, that have
 *     none of their own
 * @param ownForOthers whether clients without an entry use {@code own}; else they are refused
 */
public record Accounts(
    @Nullable Source<Login> own,
    Map<User, Source<Login>> byUser,
    Map<String, Source<Login>> byVirtualCluster,
    boolean ownForOthers) {

  public static final Accounts NONE = new Accounts(null, Map.of(), true);

  public Accounts {
    byUser = Map.copyOf(byUser);
    byVirtualCluster = Map.copyOf(byVirtualCluster);
  }

  /** Without accounts of virtual clusters. */
  public Accounts(
      @Nullable Source<Login> own, Map<User, Source<Login>> byUser, boolean ownForOthers) {
    this(own, byUser, Map.of(), ownForOthers);
  }

  /** One account for the gateway and all clients. */
  public static Accounts of(Source<Login> own) {
    return new Accounts(own, Map.of(), true);
  }

  /** The accounts of clients. */
  public Collection<Source<Login>> ofClients() {
    return Stream.of(byUser, byVirtualCluster).flatMap(some -> some.values().stream()).toList();
  }

  /**
   * Whether this client may connect to the cluster.
   *
   * @param virtualCluster that the client is in, see {@link #of}
   */
  public boolean admits(Principal client, Supplier<@Nullable String> virtualCluster) {
    return ownForOthers || assigned(client, virtualCluster.get()) != null;
  }

  /**
   * The account for this client, or null for none.
   *
   * @param virtualCluster that the client is in, also passthrough; null for one that must not be
   *     here
   */
  public @Nullable Source<Login> of(Principal client, @Nullable String virtualCluster) {
    Source<Login> login = assigned(client, virtualCluster);
    return login == null && ownForOthers ? own : login;
  }

  private @Nullable Source<Login> assigned(Principal client, @Nullable String virtualCluster) {
    if (virtualCluster == null) {
      return byUser.get(client.user());
    }
    Source<Login> login = byUser.get(new User(virtualCluster, client.name()));
    if (login == null) {
      login = byUser.get(client.user());
    }
    return login == null ? byVirtualCluster.get(virtualCluster) : login;
  }
}
