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

/** The host names behind one port; they may lead to several clusters. */
public final class ServerNames {

  /** A listener's names. */
  public record Group(SniNames names, Supplier<ListenerConfig> config) {
    Match match(Target target) {
      ListenerConfig now = config.get();
      return new Match(now.bind(target, names), Objects.requireNonNull(now.tls()));
    }
  }

  /** What a name stands for. */
  record Match(ListenerBinding binding, TlsContext tls) {}

  private volatile List<Group> groups;

  /**
   * @param groups one or more
   */
  public ServerNames(List<Group> groups) {
    this.groups = List.copyOf(groups);
  }

  /** The listeners' names from now on, also for connections that have not asked for one yet. */
  public void replace(List<Group> others) {
    groups = List.copyOf(others);
  }

  Group first() {
    return groups.getFirst();
  }

  /**
   * @param host as the client sent it; null if it sent none, which is enough to bootstrap where
   *     there is but one listener that does not require a name
   * @return null for a name that is none of ours
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
