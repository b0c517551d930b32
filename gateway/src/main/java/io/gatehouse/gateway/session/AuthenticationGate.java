package io.gatehouse.gateway.session;

import io.gatehouse.identity.sasl.SaslFailure;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds what peers that are not authenticated can make the gateway do: so many proofs are checked
 * at once, and an address that fails too often is refused without a look for a while.
 */
public final class AuthenticationGate {

  /** Proofs being checked at once; they wait for servers more than they compute. */
  private static final int AT_ONCE = 128;

  private static final long WAIT_SECONDS = 10;

  /** Failures an address may make in a row; one is forgiven per second. */
  private static final int FAILURES = 20;

  private static final long FORGIVE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Addresses remembered; the one that failed longest ago is forgotten first. */
  private static final int ADDRESSES = 10_000;

  private final Semaphore permits = new Semaphore(AT_ONCE);

  /** When each address will have been forgiven all, in {@link System#nanoTime}. */
  private final Map<InetAddress, Long> forgivenAt =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Long> eldest) {
          return size() > ADDRESSES;
        }
      };

  /** Something that takes a while and may fail. */
  @FunctionalInterface
  interface Checking {
    byte[] check() throws SaslFailure;
  }

  /**
   * Runs a check when it is its turn. Blocks.
   *
   * @throws SaslFailure what the check threw, or that there was no turn
   */
  byte[] pass(InetAddress address, Checking checking) throws SaslFailure {
    if (isThrottled(address, System.nanoTime())) {
      throw new SaslFailure(
          SaslFailure.Reason.THROTTLED, "too many failures from this address lately");
    }
    try {
      if (!permits.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new SaslFailure(
            SaslFailure.Reason.UNAVAILABLE, "too many authentications are under way");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SaslFailure(SaslFailure.Reason.UNAVAILABLE, "the gateway is stopping", e);
    }
    try {
      return checking.check();
    } catch (SaslFailure e) {
      if (e.reason() != SaslFailure.Reason.UNAVAILABLE) {
        failed(address, System.nanoTime());
      }
      throw e;
    } finally {
      permits.release();
    }
  }

  private synchronized boolean isThrottled(InetAddress address, long now) {
    Long forgiven = forgivenAt.get(address);
    return forgiven != null && forgiven - now > (FAILURES - 1) * FORGIVE_NANOS;
  }

  private synchronized void failed(InetAddress address, long now) {
    Long before = forgivenAt.get(address);
    long from = before == null || before - now < 0 ? now : before;
    forgivenAt.put(address, from + FORGIVE_NANOS);
  }
}
