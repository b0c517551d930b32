package io.gatehouse.gateway.session;

import io.gatehouse.gateway.metrics.CloseReason;
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

  private final int most;
  private final int mostPerAddress;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentMap<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

  public ConnectionLimits(Limits limits) {
    most = limits.connections();
    mostPerAddress = limits.connectionsPerAddress();
  }

  /** Admits a connection, or says why not. An admitted one must be {@link #leave left}. */
  @Nullable CloseReason enter(@Nullable InetAddress address) {
    if (open.incrementAndGet() > most && most > 0) {
      open.decrementAndGet();
      return CloseReason.TOO_MANY_CONNECTIONS;
    }
    if (add(address) > mostPerAddress) {
      leave(address);
      return CloseReason.TOO_MANY_FROM_ADDRESS;
    }
    return null;
  }

  /** An admitted connection's own address is found out, or why it may not stay. */
  @Nullable CloseReason move(@Nullable InetAddress from, InetAddress to) {
    if (add(to) > mostPerAddress) {
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

  /** How many the address has with this one; 0 where nobody counts. */
  private int add(@Nullable InetAddress address) {
    return mostPerAddress == 0 || address == null
        ? 0
        : perAddress.merge(ClientAddress.countedAs(address), 1, Integer::sum);
  }

  private void remove(@Nullable InetAddress address) {
    if (mostPerAddress > 0 && address != null) {
      perAddress.computeIfPresent(
          ClientAddress.countedAs(address), (a, count) -> count == 1 ? null : count - 1);
    }
  }

  public int open() {
    return open.get();
  }
}
