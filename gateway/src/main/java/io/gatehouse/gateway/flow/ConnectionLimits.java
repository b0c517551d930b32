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
 * Counts and limits client connections, in total and per remote address. Connections from a load
 * balancer have no address (null) until its PROXY header has reported the client's. Thread-safe.
 */
public final class ConnectionLimits {

  private volatile Limits limits;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentMap<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

  public ConnectionLimits(Limits limits) {
    this.limits = limits;
  }

  /** Applies new limits to new connections. Open connections stay. */
  void apply(Limits newLimits) {
    limits = newLimits;
  }

  /**
   * Admits a connection.
   *
   * @return null if admitted, and then {@link #leave} must be called; otherwise the reason to
   *     refuse it
   */
  @Nullable CloseReason enter(@Nullable InetAddress address) {
    int max = limits.connections();
    if (open.incrementAndGet() > max && max > 0) {
      open.decrementAndGet();
      return CloseReason.TOO_MANY_CONNECTIONS;
    }
    if (isTooMany(add(address))) {
      leave(address);
      return CloseReason.TOO_MANY_FROM_ADDRESS;
    }
    return null;
  }

  /**
   * Replaces the address of an admitted connection.
   *
   * @return null, or the reason to close it
   */
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
    int max = limits.connectionsPerAddress();
    return max > 0 && ofAddress > max;
  }

  /**
   * Adds a connection of an address and returns its count. Counts even without a limit, because a
   * reload may set one.
   */
  private int add(@Nullable InetAddress address) {
    return address == null ? 0 : perAddress.merge(ClientAddress.limitKey(address), 1, Integer::sum);
  }

  private void remove(@Nullable InetAddress address) {
    if (address != null) {
      perAddress.computeIfPresent(
          ClientAddress.limitKey(address), (a, count) -> count == 1 ? null : count - 1);
    }
  }

  /** Number of open client connections. */
  public int open() {
    return open.get();
  }
}
