package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.net.ClientAddress;
import io.gatehouse.gateway.settings.Limits;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts client connections, in all and per remote address. A balancer's own address is null: it
 * carries many clients, which count with theirs once they are known.
 */
public final class ConnectionLimits {

  private volatile Limits limits;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentMap<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

  public ConnectionLimits(Limits limits) {
    this.limits = limits;
  }

  /** What holds for connections from now on; those that are more stay. */
  void apply(Limits newLimits) {
    limits = newLimits;
  }

  /** Admits a connection, or says why not. An admitted one must be {@link #leave left}. */
  @Nullable CloseReason enter(@Nullable InetAddress address) {
    int most = limits.connections();
    if (open.incrementAndGet() > most && most > 0) {
      open.decrementAndGet();
      return CloseReason.TOO_MANY_CONNECTIONS;
    }
    if (isTooMany(add(address))) {
      leave(address);
      return CloseReason.TOO_MANY_FROM_ADDRESS;
    }
    return null;
  }

  /** An admitted connection's own address is found out, or why it may not stay. */
  @Nullable CloseReason move(@Nullable InetAddress from, InetAddress to) {
    if (isTooMany(add(to))) {
      remove(to);
      return CloseReason.TOO_MANY_FROM_ADDRESS;
    }
    remove(from);
    return null;
  }

  void leave(@Nullable InetAddress address) {
    open.decrementAndGet();
    remove(address);
  }

  private boolean isTooMany(int ofAddress) {
    int most = limits.connectionsPerAddress();
    return most > 0 && ofAddress > most;
  }

  /** How many the address has with this one. They are counted for limits that may come. */
  private int add(@Nullable InetAddress address) {
    return address == null ? 0 : perAddress.merge(ClientAddress.limitKey(address), 1, Integer::sum);
  }

  private void remove(@Nullable InetAddress address) {
    if (address != null) {
      perAddress.computeIfPresent(
          ClientAddress.limitKey(address), (a, count) -> count == 1 ? null : count - 1);
    }
  }

  public int open() {
    return open.get();
  }
}
