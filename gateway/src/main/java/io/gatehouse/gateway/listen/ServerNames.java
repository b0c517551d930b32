package io.gatehouse.gateway.listen;

import io.gatehouse.gateway.route.SniNames;
import io.gatehouse.gateway.route.Target;
import io.gatehouse.gateway.session.ListenerBinding;
import io.gatehouse.tls.TlsContext;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The host names behind one port; they may lead to several clusters. */
public final class ServerNames {

  /**
   * A listener's names.
   *
   * @param binding with the target that bootstraps
   */
  private record Group(SniNames names, ListenerBinding binding, TlsContext tls) {}

  /** What a name stands for. */
  record Match(ListenerBinding binding, TlsContext tls) {}

  private final List<Group> groups = new CopyOnWriteArrayList<>();

  /**
   * Adds a listener's names.
   *
   * @param binding with the target that bootstraps
   */
  public void add(SniNames names, ListenerBinding binding, TlsContext tls) {
    groups.add(new Group(names, binding, tls));
  }

  /**
   * @param host as the client sent it; null if it sent none, which is enough to bootstrap where
   *     there is but one listener that does not require a name
   * @return null for a name that is none of ours
   */
  @Nullable Match match(@Nullable String host) {
    if (host == null) {
      Group only = groups.getFirst();
      Target target = groups.size() == 1 ? only.names.unnamed() : null;
      return target == null ? null : new Match(only.binding.with(target), only.tls);
    }
    String name = host.toLowerCase(Locale.ROOT);
    for (Group group : groups) {
      Target target = group.names.target(name);
      if (target != null) {
        return new Match(group.binding.with(target), group.tls);
      }
    }
    return null;
  }
}
