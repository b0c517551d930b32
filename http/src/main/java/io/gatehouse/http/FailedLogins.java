package io.gatehouse.http;

import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Slows down attempts to guess passwords. After three wrong passwords in a row, requests from the
 * address are refused for half a second, and for twice as long after each further one, up to 16
 * seconds. The number of addresses is bounded.
 */
final class FailedLogins {
  private static final int FREE = 3;
  private static final int MOST_DOUBLINGS = 5;
  private static final int MOST_ADDRESSES = 10_000;
  private static final Duration FIRST_WAIT = Duration.ofMillis(500);
  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

  private final LongSupplier nanos;
  private final Map<InetAddress, Failures> byAddress = new LinkedHashMap<>();

  private record Failures(int count, long last) {}

  FailedLogins(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** How long requests from the address are still refused; zero if they are not. */
  synchronized Duration wait(InetAddress address) {
    Failures failures = byAddress.get(address);
    if (failures == null || failures.count < FREE) {
      return Duration.ZERO;
    }
    long doublings = Math.min(failures.count - FREE, MOST_DOUBLINGS);
    long wait = FIRST_WAIT.toNanos() << doublings;
    return Duration.ofNanos(Math.max(0, wait - (nanos.getAsLong() - failures.last)));
  }

  synchronized void failed(InetAddress address) {
    Failures before = byAddress.remove(address);
    long now = nanos.getAsLong();
    int recent = before == null || now - before.last > FORGOTTEN_AFTER.toNanos() ? 0 : before.count;
    byAddress.put(address, new Failures(recent + 1, now));
    if (byAddress.size() > MOST_ADDRESSES) {
      byAddress.remove(byAddress.keySet().iterator().next());
    }
  }

  synchronized void succeeded(InetAddress address) {
    byAddress.remove(address);
  }
}
