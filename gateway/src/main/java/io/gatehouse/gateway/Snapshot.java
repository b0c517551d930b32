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
 * Settings in force, and what runs for them. Where they are equal to those before it is the same.
 *
 * @param listeners by name, in the order of the settings
 * @param names host names by the port at which they are asked for
 * @param opened what the listeners use; clusters have their own
 */
record Snapshot(
    GatewaySettings settings,
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

  /** Whether a session that began there may go on. */
  boolean keeps(ListenerBinding at) {
    RunningListener listener = listeners.get(at.listener());
    return listener != null && listener.keepsSession(at);
  }

  /** Whose ports they are. */
  Set<Object> owners() {
    Set<Object> owners = new HashSet<>(listeners.values());
    owners.addAll(names.values());
    return owners;
  }

  /** Ends what only this one has, once no session needs it. */
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
