package io.gatehouse.gateway;

import io.gatehouse.auth.pool.Leases;
import io.gatehouse.gateway.cluster.Upstream;
import io.gatehouse.gateway.flow.ListenerBinding;
import io.gatehouse.gateway.listen.ServerNames;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.tls.TlsContext;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Settings in force with the objects that run for them. Objects with equal settings are shared with
 * the previous snapshot.
 *
 * @param switches the failover cluster that listeners lead to, by the name of the cluster in their
 *     settings; those of other clusters are not switched
 * @param upstreams clusters by name
 * @param listeners listeners by name, in the order of the settings
 * @param names server names by the address of their shared port
 * @param opened leases of the listeners' objects; clusters have their own
 */
record Snapshot(
    GatewaySettings settings,
    Map<String, String> switches,
    Map<String, Upstream> upstreams,
    Map<String, RunningListener> listeners,
    Map<HostPort, ServerNames> names,
    Leases opened) {

  List<TlsContext> contexts() {
    return Stream.concat(
            opened.all(TlsContext.class).stream(),
            upstreams.values().stream().flatMap(one -> one.opened().all(TlsContext.class).stream()))
        .distinct()
        .toList();
  }

  /** Whether clients are directed to this cluster. */
  boolean isUsed(String cluster) {
    return listeners.values().stream()
        .anyMatch(one -> one.config().upstream().name().equals(cluster));
  }

  /** Whether sessions of this binding may go on. */
  boolean keeps(ListenerBinding at) {
    RunningListener listener = listeners.get(at.listener());
    return listener != null && listener.keepsSession(at);
  }

  /** The owners of the snapshot's ports, see {@link ListeningPorts}. */
  Set<Object> owners() {
    Set<Object> owners = new HashSet<>(listeners.values());
    owners.addAll(names.values());
    return owners;
  }

  /** Closes what the next snapshot does not share. Call it when no session uses it any more. */
  void closeExcept(Snapshot next) {
    for (Upstream upstream : upstreams.values()) {
      if (!upstream.isSameInstance(next.upstreams.get(upstream.name()))) {
        upstream.close();
      }
    }
    opened.close();
  }

  RunningListener listener(String name) {
    return Objects.requireNonNull(listeners.get(name));
  }
}
