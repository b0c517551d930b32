package io.gatehouse.gateway.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks listeners with SNI routing that share a port. What they require before the server name is
 * known must be equal, and no name may belong to two listeners.
 */
final class SharedPorts {

  private SharedPorts() {}

  /** One sentence for each pair of listeners that conflict. */
  static List<String> problems(List<ListenerSettings> listeners) {
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < listeners.size(); i++) {
      for (ListenerSettings other : listeners.subList(0, i)) {
        String problem = problem(other, listeners.get(i));
        if (problem != null) {
          problems.add(problem);
        }
      }
    }
    return problems;
  }

  private static @Nullable String problem(ListenerSettings one, ListenerSettings other) {
    if (!(one.routing() instanceof Routing.BySni names)
        || !(other.routing() instanceof Routing.BySni otherNames)
        || !one.bindHost().equals(other.bindHost())
        || names.port().local() == 0
        || names.port().local() != otherNames.port().local()) {
      return null;
    }
    String both =
        "the listeners "
            + one.name()
            + " and "
            + other.name()
            + " share "
            + new HostPort(one.bindHost(), names.port().local());
    if (!one.entry().proxyHeader().equals(other.entry().proxyHeader())
        || !Objects.equals(one.entry().handshake(), other.entry().handshake())) {
      return both + ", but their PROXY headers or handshakes differ";
    }
    String common = common(names, otherNames);
    return common == null
        ? null
        : both
            + ", and the host name "
            + common
            + " belongs to both: give their host patterns different names";
  }

  private static @Nullable String common(Routing.BySni one, Routing.BySni other) {
    if (one.bootstrapHost().equals(other.bootstrapHost())
        || other.node().nodeId(one.bootstrapHost()) >= 0) {
      return one.bootstrapHost();
    }
    return one.node().nodeId(other.bootstrapHost()) >= 0
        ? other.bootstrapHost()
        : one.node().common(other.node());
  }
}
