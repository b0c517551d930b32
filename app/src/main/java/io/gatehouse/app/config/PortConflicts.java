package io.gatehouse.app.config;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.http.HttpSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reports ports that are used more than once in a configuration. */
final class PortConflicts {

  private record Use(String host, String by) {
    boolean conflicts(Use other) {
      return host.equals(other.host)
          || HostPort.isWildcard(host)
          || HostPort.isWildcard(other.host);
    }
  }

  private final Map<Integer, List<Use>> uses = new HashMap<>();
  private final Problems problems;

  private PortConflicts(Problems problems) {
    this.problems = problems;
  }

  static void check(
      List<ListenerSettings> listeners, @Nullable HttpSettings http, Problems problems) {
    PortConflicts conflicts = new PortConflicts(problems);
    if (http != null) {
      conflicts.add(http.listen().port(), new Use(http.listen().host(), "the HTTP server"));
    }
    for (ListenerSettings listener : listeners) {
      conflicts.add(listener);
    }
  }

  private void add(ListenerSettings listener) {
    String by = "listener '" + listener.name() + "'";
    switch (listener.routing()) {
      case Routing.ByNodeId byNodeId -> {
        Use use = new Use(listener.bindHost(), by);
        if (byNodeId.bootstrap() != null) {
          add(byNodeId.bootstrap().local(), use);
        }
        byNodeId.ports().pairs().forEach(pair -> add(pair.local(), use));
      }
      case Routing.BySni bySni -> {
        // Listeners with SNI may share a port.
        Use use = new Use(listener.bindHost(), "the listeners that route by SNI");
        List<Use> others = uses.getOrDefault(bySni.port().local(), List.of());
        if (others.stream().noneMatch(use::equals)) {
          add(bySni.port().local(), use);
        }
      }
      case Routing.ByAddress byAddress ->
          byAddress.servers().forEach(m -> add(m.listen().port(), new Use(m.listen().host(), by)));
    }
  }

  private void add(int port, Use use) {
    if (port == 0) {
      return;
    }
    List<Use> others = uses.computeIfAbsent(port, _ -> new ArrayList<>(1));
    for (Use other : others) {
      if (use.conflicts(other)) {
        String who = other.by.equals(use.by) ? use.by + " twice" : other.by + " and by " + use.by;
        problems.add(Origin.DEFAULT, "port " + port + " is used by " + who);
      }
    }
    others.add(use);
  }
}
