package io.gatehouse.gateway.access;

import io.gatehouse.gateway.cluster.TopicIds;
import io.gatehouse.gateway.tenant.Tenant;
import io.netty.util.concurrent.Future;
import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The names of topics by their ids, as clients know them.
 *
 * @param tenant the clients' virtual cluster; null in passthrough
 */
public record VisibleTopics(TopicIds ids, @Nullable Tenant tenant) {

  /** Null if there is no such topic, or it belongs to others, or {@link #isUnresolved}. */
  @Nullable String name(UUID id) {
    String name = ids.name(id);
    if (name == null || tenant == null) {
      return name;
    }
    return tenant.toClient(name);
  }

  /** Whether the cluster must be asked for the name. */
  boolean isUnresolved(UUID id) {
    return ids.isUnresolved(id);
  }

  /** Whether there is a topic of this name; null if the cluster must be asked. */
  @Nullable Boolean exists(String name) {
    return ids.existing().exists(toBroker(name));
  }

  Future<Void> askFor(Collection<String> names) {
    return ids.existing().ask(names.stream().map(this::toBroker).toList());
  }

  private String toBroker(String name) {
    return tenant == null ? name : tenant.toBroker(name);
  }

  Future<Void> resolve(Collection<UUID> unresolved) {
    return ids.resolve(unresolved);
  }
}
