package io.gatehouse.gateway.settings;

import io.gatehouse.tls.ClientAuth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds listeners and clusters whose settings contradict each other; one sentence per problem. */
final class ConsistencyChecks {

  private final Map<String, UpstreamSettings> upstreams;
  private final List<ListenerSettings> listeners;
  private final Tenancy tenancy;
  private final List<String> problems = new ArrayList<>();

  private ConsistencyChecks(
      Map<String, UpstreamSettings> upstreams, List<ListenerSettings> listeners, Tenancy tenancy) {
    this.upstreams = upstreams;
    this.listeners = listeners;
    this.tenancy = tenancy;
  }

  /** Returns all problems; empty if there are none. */
  static List<String> problems(
      Map<String, UpstreamSettings> upstreams, List<ListenerSettings> listeners, Tenancy tenancy) {
    ConsistencyChecks all = new ConsistencyChecks(upstreams, listeners, tenancy);
    listeners.forEach(all::check);
    listeners.forEach(all::checkTenancy);
    upstreams.forEach(all::checkAccounts);
    upstreams.forEach(all::checkFailover);
    all.problems.addAll(SharedPorts.problems(listeners));
    return all.problems;
  }

  private void check(ListenerSettings listener) {
    UpstreamSettings upstream = upstreams.get(listener.entry().cluster());
    if (upstream == null) {
      problems.add(
          "listener '%s' leads to the cluster '%s', which is not configured; there is %s"
              .formatted(
                  listener.name(),
                  listener.entry().cluster(),
                  String.join(", ", upstreams.keySet())));
    } else if (!upstream.access().accounts().ownForOthers()
        && listener.entry().authentication() instanceof Authentication.Open
        && !identifiesClients(listener.entry())
        && !hasAccount(listener, upstream)) {
      problems.add(
          "no client can use listener '%s': it does not authenticate clients, and only those with an"
                  .formatted(listener.name())
              + " account may use the cluster "
              + listener.entry().cluster()
              + " (othersUseLogin). Configure authentication for it");
    }
  }

  private void checkTenancy(ListenerSettings listener) {
    if (listener.entry().authentication() instanceof Authentication.Forwarded
        && !tenancy
            .byListener()
            .getOrDefault(listener.name(), Tenancy.PASSTHROUGH)
            .equals(Tenancy.PASSTHROUGH)) {
      problems.add(
          ("listener '%s' cannot be for a virtual cluster: the brokers authenticate its clients,"
                  + " and brokers know no virtual clusters. Let the gateway authenticate them")
              .formatted(listener.name()));
    }
    if (tenancy.passthrough().aclEnabled()
        && listener.entry().authentication() instanceof Authentication.Forwarded) {
      problems.add(
          ("listener '%s' cannot limit clients by access rules"
               + " (virtualClusters.passthrough.aclEnabled): the brokers authenticate them, so the"
               + " gateway does not know who they are. Let the gateway authenticate them, or use"
               + " the ACLs of the brokers")
              .formatted(listener.name()));
    }
    if (!tenancy.required()
        || tenancy.byListener().containsKey(listener.name())
        || identifiesClients(listener.entry())) {
      return;
    }
    problems.add(
        "no client can use listener '%s': each client must belong to a virtual cluster, and here %s."
                .formatted(
                    listener.name(),
                    listener.entry().authentication() instanceof Authentication.Forwarded
                        ? "the brokers authenticate clients, which then belong to none"
                        : "clients do not authenticate")
            + " Let the gateway authenticate them, or name a virtualCluster for the listener");
  }

  private void checkFailover(String cluster, UpstreamSettings upstream) {
    String to = upstream.failoverTo();
    if (to == null) {
      return;
    }
    UpstreamSettings other = upstreams.get(to);
    if (other == null || to.equals(cluster)) {
      problems.add(
          "the cluster %s cannot fail over to %s: name another cluster; there is %s"
              .formatted(cluster, to, String.join(", ", upstreams.keySet())));
      return;
    }
    if (other.failoverTo() != null) {
      problems.add(
          "the cluster %s cannot fail over to %s, which has a failover cluster itself"
              .formatted(cluster, to));
    }
    long primaries = upstreams.values().stream().filter(one -> to.equals(one.failoverTo())).count();
    if (primaries > 1) {
      problems.add("the cluster %s is the failover cluster of several clusters".formatted(to));
    }
    for (ListenerSettings listener : listeners) {
      if (listener.entry().cluster().equals(to)) {
        problems.add(
            "listener '%s' leads to the cluster %s, which is the failover cluster of %s: only"
                    .formatted(listener.name(), to, cluster)
                + " listeners of that cluster can lead to it");
      } else if (listener.entry().cluster().equals(cluster)
          && listener.routing() instanceof Routing.ByAddress) {
        problems.add(
            "listener '%s' has a port per broker address, so it cannot fail over to the cluster %s."
                    .formatted(listener.name(), to)
                + " Use ports by node id, or SNI");
      }
    }
  }

  private void checkAccounts(String cluster, UpstreamSettings upstream) {
    List<ListenerSettings> leading =
        listeners.stream().filter(one -> leadsTo(one.entry().cluster(), cluster)).toList();
    if (!upstream.access().accounts().ofClients().isEmpty()
        && !leading.isEmpty()
        && leading.stream()
            .noneMatch(one -> identifiesClients(one.entry()) || hasAccount(one, upstream))) {
      problems.add(
          "the accounts of the cluster "
              + cluster
              + " are never used: none of its listeners authenticates clients by SASL or"
              + " certificate. Clients whose login is forwarded use their own account");
    }
  }

  /** Whether all clients of a listener have an account, that of its virtual cluster. */
  private boolean hasAccount(ListenerSettings listener, UpstreamSettings upstream) {
    return listener.entry().authentication() instanceof Authentication.Open
        && upstream
            .access()
            .accounts()
            .byVirtualCluster()
            .containsKey(tenancy.byListener().getOrDefault(listener.name(), Tenancy.PASSTHROUGH));
  }

  private boolean leadsTo(String named, String cluster) {
    UpstreamSettings settings = upstreams.get(named);
    return named.equals(cluster) || (settings != null && cluster.equals(settings.failoverTo()));
  }

  /** Whether the gateway itself authenticates clients. */
  private static boolean identifiesClients(Entry entry) {
    return switch (entry.authentication()) {
      case Authentication.Sasl _ -> true;
      case Authentication.Open _ ->
          entry.tls() != null && entry.tls().clients().auth() != ClientAuth.NONE;
      case Authentication.Forwarded _ -> false;
    };
  }
}
