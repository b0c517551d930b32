package io.gatehouse.gateway.session;

import io.gatehouse.identity.sasl.SaslFailure;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds what peers that are not authenticated can make the gateway do: so many proofs are checked
 * at once, their long tokens together take so much memory, and an address that fails too often is
 * refused without a look for a while.
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

  /** Of those, for one address: others must find room while it guesses slowly checked passwords. */
  private static final int AT_ONCE_PER_ADDRESS = 16;

  /** Bytes of long tokens; Kerberos and directories of many groups make some of 64 to 128 KiB. */
  private static final long TOKEN_BYTES = 16 << 20;

  private final Budget tokens = new Budget(TOKEN_BYTES);

  private final Semaphore permits = new Semaphore(AT_ONCE);

  /** The addresses with proofs that are checked or wait for it. */
  private final ConcurrentMap<InetAddress, Turns> turns = new ConcurrentHashMap<>();

  /** When each address will have been forgiven all, in {@link System#nanoTime}. */
  private final Map<InetAddress, Long> forgivenAt =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Long> eldest) {
          return size() > ADDRESSES;
        }
      };

  /**
   * An address's turns.
   *
   * @param users how many threads hold this object
   */
  private record Turns(Semaphore permits, int users) {
    Turns() {
      this(new Semaphore(AT_ONCE_PER_ADDRESS), 0);
    }

    Turns with(int more) {
      return new Turns(permits, users + more);
    }
  }

  /** Something that takes a while and may fail. */
  @FunctionalInterface
  public interface Checking<T> {
    T check() throws SaslFailure;
  }

  /** What long tokens that are not checked yet take. */
  Budget tokens() {
    return tokens;
  }

  /**
   * Runs a check when it is its turn. Blocks.
   *
   * @throws SaslFailure what the check threw, or that there was no turn
   */
  public <T> T pass(InetAddress client, Checking<T> checking) throws SaslFailure {
    InetAddress address = ClientAddress.countedAs(client);
    refuseIfThrottled(address);
    Turns own = turns.compute(address, (_, known) -> (known == null ? new Turns() : known).with(1));
    try {
      acquire(own.permits());
      try {
        refuseIfThrottled(address); // others of this address may have failed meanwhile
        acquire(permits);
        return check(address, checking);
      } finally {
        own.permits().release();
      }
    } finally {
      turns.compute(
          address, (_, known) -> known == null || known.users() == 1 ? null : known.with(-1));
    }
  }

  private static void acquire(Semaphore semaphore) throws SaslFailure {
    try {
      if (!semaphore.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new SaslFailure(
            SaslFailure.Reason.UNAVAILABLE, "too many authentications are under way");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SaslFailure(SaslFailure.Reason.UNAVAILABLE, "the gateway is stopping", e);
    }
  }

  /** Checks with a permit, which is given back. */
  private <T> T check(InetAddress address, Checking<T> checking) throws SaslFailure {
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

  /** Counts a failure that no check threw. */
  public void failed(InetAddress client) {
    failed(ClientAddress.countedAs(client), System.nanoTime());
  }

  private void refuseIfThrottled(InetAddress address) throws SaslFailure {
    if (isThrottled(address, System.nanoTime())) {
      throw new SaslFailure(
          SaslFailure.Reason.THROTTLED, "too many failures from this address lately");
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
