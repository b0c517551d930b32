package io.gatehouse.gateway.sasl;

import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.gateway.net.Budget;
import io.gatehouse.gateway.net.ClientAddress;
import io.gatehouse.gateway.settings.LoginLimits;
import java.net.InetAddress;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits the authentication work that clients can cause: how many credentials are verified at once,
 * how much memory long tokens take in all, and how many failures an address or name may have before
 * its attempts are refused without verification.
 *
 * <p>A failure counts against the pair of claimed name and address, and against the address alone,
 * for which more failures are allowed. A success clears the failures of the name. A name that has
 * logged in from an address before is not refused for failures of other names from that address,
 * and re-authentication (KIP-368) is never refused for failures.
 */
public final class AuthenticationGate {

  private static final long MAX_WAIT_SECONDS = 10;

  /**
   * Maximum number of addresses, of pairs of name and address, and of known names that are kept.
   */
  private static final int MAX_ENTRIES = 10_000;

  /**
   * Bytes of all tokens above 32 KiB that are not verified yet. Kerberos tickets with many groups
   * and similar tokens take 64 to 128 KiB.
   */
  private static final long MAX_TOKEN_BYTES = 16 << 20;

  private final Budget tokens = new Budget(MAX_TOKEN_BYTES);
  private volatile LoginLimits limits;
  private final LongSupplier clock;

  private volatile Semaphore unknownPermits;
  private volatile Semaphore knownPermits;

  /** The permits of each address that has credentials being verified or waiting for it. */
  private final ConcurrentMap<QueueKey, AddressPermits> addressPermits = new ConcurrentHashMap<>();

  private volatile FailureCounts<Name> byName;
  private volatile FailureCounts<InetAddress> byAddress;

  /** The names that logged in most recently, with their addresses. */
  private final Set<Name> known =
      Collections.newSetFromMap(
          Collections.synchronizedMap(
              new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Name, Boolean> eldest) {
                  return size() > MAX_ENTRIES;
                }
              }));

  public AuthenticationGate(LoginLimits limits) {
    this(limits, System::nanoTime);
  }

  AuthenticationGate(LoginLimits limits, LongSupplier clock) {
    this.limits = limits;
    this.clock = clock;
    unknownPermits = new Semaphore(limits.atOnce());
    knownPermits = new Semaphore(limits.atOnce());
    byName = counts(limits, limits.failuresPerName());
    byAddress = counts(limits, limits.failuresPerAddress());
  }

  private static <K> FailureCounts<K> counts(LoginLimits limits, int allowed) {
    return new FailureCounts<>(allowed, limits.forgiveAfter().toNanos(), MAX_ENTRIES);
  }

  /**
   * Applies new limits to the attempts from now on. Failure counts are reset if the limits on
   * failures change.
   */
  public void apply(LoginLimits other) {
    LoginLimits before = limits;
    limits = other;
    if (other.atOnce() != before.atOnce()) {
      unknownPermits = new Semaphore(other.atOnce());
      knownPermits = new Semaphore(other.atOnce());
    }
    boolean forgives = !other.forgiveAfter().equals(before.forgiveAfter());
    if (forgives || other.failuresPerName() != before.failuresPerName()) {
      byName = counts(other, other.failuresPerName());
    }
    if (forgives || other.failuresPerAddress() != before.failuresPerAddress()) {
      byAddress = counts(other, other.failuresPerAddress());
    }
  }

  /**
   * A login attempt, as far as it is known before the credentials are verified.
   *
   * @param name the claimed user name, or null if the mechanism does not reveal it (GSSAPI,
   *     handshakes between gateways); failures then count against the address only
   * @param shared whether the address is that of a load balancer that does not report its clients'
   *     addresses
   * @param proven whether this is a re-authentication under the name that the session has already
   *     authenticated with
   */
  public record Attempt(
      InetAddress address, @Nullable String name, boolean shared, boolean proven) {}

  /** A claimed user name and the address it was claimed from. */
  private record Name(InetAddress address, String name) {}

  /**
   * The key of a queue of attempts: an address limits its own concurrent verifications.
   *
   * @param known whether the client has logged in before: such attempts do not queue behind those
   *     of unknown clients
   * @param places how many of these attempts are verified at once
   */
  private record QueueKey(InetAddress address, boolean known, int places) {}

  /**
   * The permits of one queue.
   *
   * @param users number of threads that hold this object, so that the last one removes it
   */
  private record AddressPermits(Semaphore permits, int users) {
    AddressPermits with(int more) {
      return new AddressPermits(permits, users + more);
    }
  }

  /** A verification of credentials, which may block. */
  @FunctionalInterface
  public interface Check<T> {
    T check() throws SaslFailure;
  }

  /** The budget for tokens above 32 KiB that are not verified yet, shared by all connections. */
  public Budget tokens() {
    return tokens;
  }

  /**
   * Runs a verification within the limits. Blocks the calling thread until a permit is free, for 10
   * seconds at most per permit.
   *
   * @throws SaslFailure if the verification fails, the attempt is throttled, or no permit became
   *     free
   */
  public <T> T verify(Attempt attempt, Check<T> check) throws SaslFailure {
    if (attempt.proven()) {
      return run(attempt, knownPermits, check);
    }
    refuseIfThrottled(attempt);
    boolean isKnown = isKnown(attempt);
    QueueKey key =
        new QueueKey(
            ClientAddress.limitKey(attempt.address()),
            isKnown,
            isExempt(attempt)
                ? Math.max(limits.atOncePerAddress(), limits.atOnce() * 3 / 4)
                : limits.atOncePerAddress());
    AddressPermits own =
        addressPermits.compute(
            key,
            (_, present) ->
                (present == null ? new AddressPermits(new Semaphore(key.places()), 0) : present)
                    .with(1));
    try {
      acquire(own.permits());
      try {
        refuseIfThrottled(attempt); // attempts that queued before this one may have failed
        return run(attempt, isKnown ? knownPermits : unknownPermits, check);
      } finally {
        own.permits().release();
      }
    } finally {
      addressPermits.compute(
          key, (_, last) -> last == null || last.users() == 1 ? null : last.with(-1));
    }
  }

  private static void acquire(Semaphore semaphore) throws SaslFailure {
    try {
      if (!semaphore.tryAcquire(MAX_WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new SaslFailure(
            SaslFailure.Reason.UNAVAILABLE, "too many authentications in progress");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SaslFailure(SaslFailure.Reason.UNAVAILABLE, "the gateway is stopping", e);
    }
  }

  private <T> T run(Attempt attempt, Semaphore permits, Check<T> check) throws SaslFailure {
    acquire(permits);
    try {
      return check.check();
    } catch (SaslFailure e) {
      switch (e.reason()) {
        case UNAVAILABLE, THROTTLED -> {
          // The credentials were not verified.
        }
        case BAD_CREDENTIALS, EXPIRED, NOT_FOR_US, MALFORMED -> failed(attempt);
      }
      throw e;
    } catch (User.InvalidName e) {
      failed(attempt);
      throw new SaslFailure(
          SaslFailure.Reason.NOT_FOR_US, "the credentials contain " + e.getMessage(), e);
    } finally {
      permits.release();
    }
  }

  /**
   * Counts a failure of an attempt. For failures that the exchange reports without an exception.
   */
  public void failed(Attempt attempt) {
    if (isExempt(attempt)) {
      return;
    }
    long now = clock.getAsLong();
    byAddress.add(ClientAddress.limitKey(attempt.address()), now);
    Name name = nameOf(attempt);
    if (name != null) {
      byName.add(name, now);
    }
  }

  /** Records that a name has logged in, and clears its failures. */
  public void succeeded(Attempt attempt) {
    Name name = nameOf(attempt);
    if (name != null) {
      long now = clock.getAsLong();
      known.add(name);
      byAddress.forgive(name.address(), byName.forgive(name, now), now);
    }
  }

  private void refuseIfThrottled(Attempt attempt) throws SaslFailure {
    if (isExempt(attempt)) {
      return;
    }
    long now = clock.getAsLong();
    Name name = nameOf(attempt);
    if (name != null && byName.isExhausted(name, now)) {
      throw new SaslFailure(
          SaslFailure.Reason.THROTTLED, "too many recent failures of this name from this address");
    }
    if (byAddress.isExhausted(ClientAddress.limitKey(attempt.address()), now)
        && !isKnown(attempt)) {
      throw new SaslFailure(
          SaslFailure.Reason.THROTTLED, "too many recent failures from this address");
    }
  }

  private boolean isExempt(Attempt attempt) {
    return attempt.shared()
        || limits.exempt().stream().anyMatch(network -> network.contains(attempt.address()));
  }

  private boolean isKnown(Attempt attempt) {
    Name name = nameOf(attempt);
    return name != null && known.contains(name);
  }

  /**
   * Names are normalised, because LDAP directories accept one name in many spellings, and each
   * would otherwise have its own count.
   */
  private static @Nullable Name nameOf(Attempt attempt) {
    String name = attempt.name();
    return name == null
        ? null
        : new Name(
            ClientAddress.limitKey(attempt.address()), name.strip().toLowerCase(Locale.ROOT));
  }

  /** Number of entries in all tables, for tests. */
  int entries() {
    return byName.size() + byAddress.size() + known.size() + addressPermits.size();
  }
}
