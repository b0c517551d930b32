package io.gatehouse.gateway.listen;

import io.gatehouse.gateway.cluster.SniNames;
import io.gatehouse.gateway.cluster.Target;
import io.gatehouse.gateway.flow.ListenerBinding;
import io.gatehouse.tls.TlsContext;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The server names on one port with SNI routing. They may belong to listeners of several clusters.
 */
public final class ServerNames {

  /** One listener's names. */
  public record Group(SniNames names, Supplier<ListenerConfig> config) {
    Match match(Target target) {
      ListenerConfig now = config.get();
      return new Match(now.bind(target, names), Objects.requireNonNull(now.tls()));
    }
  }

  /** The binding and TLS context of a name. */
  record Match(ListenerBinding binding, TlsContext tls) {}

  private volatile List<Group> groups;

  /**
   * @param groups one or more
   */
  public ServerNames(List<Group> groups) {
    this.groups = List.copyOf(groups);
  }

  /** Replaces the names, also for connections that have not sent one yet. */
  public void replace(List<Group> others) {
    groups = List.copyOf(others);
  }

  Group first() {
    return groups.getFirst();
  }

  /**
   * Finds the listener and target of a server name.
   *
   * @param host as the client sent it; null if it sent none, which is allowed on a port with a
   *     single listener that does not require a name
   * @return null for an unknown name
   */
  @Nullable Match match(@Nullable String host) {
    List<Group> all = groups;
    if (host == null) {
      Group only = all.getFirst();
      Target target = all.size() == 1 ? only.names.withoutName() : null;
      return target == null ? null : only.match(target);
    }
    String name = host.toLowerCase(Locale.ROOT);
    for (Group group : all) {
      Target target = group.names.target(name);
      if (target != null) {
        return group.match(target);
      }
    }
    return null;
  }
}
