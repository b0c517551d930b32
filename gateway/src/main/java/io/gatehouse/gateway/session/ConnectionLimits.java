package io.gatehouse.gateway.session;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Limits;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts client connections, in all and per remote address. */
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
  @Nullable CloseReason enter(InetAddress address) {
    if (open.incrementAndGet() > most && most > 0) {
      open.decrementAndGet();
      return CloseReason.TOO_MANY_CONNECTIONS;
    }
    if (mostPerAddress > 0 && perAddress.merge(address, 1, Integer::sum) > mostPerAddress) {
      leave(address);
      return CloseReason.TOO_MANY_FROM_ADDRESS;
    }
    return null;
  }

  /** The same for a connection whose own address turns out to be another. */
  @Nullable CloseReason move(InetAddress from, InetAddress to) {
    leave(from);
    CloseReason refusal = enter(to);
    if (refusal != null) {
      open.incrementAndGet(); // counted with the old address until it has left
      if (mostPerAddress > 0) {
        perAddress.merge(from, 1, Integer::sum);
      }
    }
    return refusal;
  }

  void leave(InetAddress address) {
    open.decrementAndGet();
    if (mostPerAddress > 0) {
      perAddress.computeIfPresent(address, (a, count) -> count == 1 ? null : count - 1);
    }
  }

  public int open() {
    return open.get();
  }
}
