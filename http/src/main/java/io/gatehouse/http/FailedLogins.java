package io.gatehouse.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Slows down attempts to guess passwords. After three wrong passwords, each within ten minutes of
 * the one before, requests from the address are refused for half a second, and for twice as long
 * after each further one, up to 16 seconds. A correct password does not end that, because one user
 * could otherwise guess the password of another. The number of addresses is bounded.
 */
final class FailedLogins {
  private static final int FREE = 3;
  private static final int MAX_DOUBLINGS = 5;
  private static final int MAX_ADDRESSES = 10_000;
  private static final Duration FIRST_WAIT = Duration.ofMillis(500);
  private static final Duration EXPIRY = Duration.ofMinutes(10);

  private final LongSupplier nanos;
  private final Map<InetAddress, Failures> byAddress = new LinkedHashMap<>();

  private record Failures(int count, long last) {}

  FailedLogins(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** How long requests from the address are still refused; zero if they are not. */
  synchronized Duration wait(InetAddress address) {
    Failures failures = byAddress.get(network(address));
    if (failures == null || failures.count < FREE) {
      return Duration.ZERO;
    }
    long doublings = Math.min(failures.count - FREE, MAX_DOUBLINGS);
    long wait = FIRST_WAIT.toNanos() << doublings;
    return Duration.ofNanos(Math.max(0, wait - (nanos.getAsLong() - failures.last)));
  }

  synchronized void failed(InetAddress address) {
    Failures before = byAddress.remove(network(address));
    long now = nanos.getAsLong();
    int recent = before == null || now - before.last > EXPIRY.toNanos() ? 0 : before.count;
    byAddress.put(network(address), new Failures(recent + 1, now));
    if (byAddress.size() > MAX_ADDRESSES) {
      byAddress.remove(byAddress.keySet().iterator().next());
    }
  }

  /** An IPv4 address, or the /64 of an IPv6 address, because one machine may use a whole /64. */
  static InetAddress network(InetAddress address) {
    byte[] bytes = address.getAddress();
    Arrays.fill(bytes, Math.min(bytes.length, 8), bytes.length, (byte) 0);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has another length than an address", e);
    }
  }
}
