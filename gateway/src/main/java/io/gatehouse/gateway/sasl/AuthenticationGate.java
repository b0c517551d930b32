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
 * Bounds what peers that are not authenticated can make the gateway do: so many proofs are checked
 * at once, their long tokens together take so much memory, and who fails too often is refused
 * without a look for a while.
 *
 * <p>Failures count against the name that was claimed, together with the address, and against the
 * address alone, which may fail more often. A success forgives the name its failures. A name that
 * has logged in from an address before does not answer for other names' failures there, and a
 * session that authenticates anew answers for nobody's.
 */
public final class AuthenticationGate {

  private static final long WAIT_SECONDS = 10;

  /** Addresses remembered, and names with their address. */
  private static final int REMEMBERED = 10_000;

  /** Bytes of long tokens; Kerberos and directories of many groups make some of 64 to 128 KiB. */
  private static final long TOKEN_BYTES = 16 << 20;

  private final Budget tokens = new Budget(TOKEN_BYTES);
  private volatile LoginLimits limits;
  private final LongSupplier clock;

  private volatile Semaphore strangers;
  private volatile Semaphore acquaintances;

  /** Those that have proofs which are checked or wait for it. */
  private final ConcurrentMap<Line, Turns> turns = new ConcurrentHashMap<>();

  private volatile FailureCounts<Name> byName;
  private volatile FailureCounts<InetAddress> byAddress;

  /** The names that logged in last. */
  private final Set<Name> known =
      Collections.newSetFromMap(
          Collections.synchronizedMap(
              new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Name, Boolean> eldest) {
                  return size() > REMEMBERED;
                }
              }));

  public AuthenticationGate(LoginLimits limits) {
    this(limits, System::nanoTime);
  }

  AuthenticationGate(LoginLimits limits, LongSupplier clock) {
    this.limits = limits;
    this.clock = clock;
    strangers = new Semaphore(limits.atOnce());
    acquaintances = new Semaphore(limits.atOnce());
    byName = counts(limits, limits.failuresPerName());
    byAddress = counts(limits, limits.failuresPerAddress());
  }

  private static <K> FailureCounts<K> counts(LoginLimits limits, int allowed) {
    return new FailureCounts<>(allowed, limits.forgiveAfter().toNanos(), REMEMBERED);
  }

  /** What holds for attempts from now on. Failures are forgotten where other numbers hold. */
  public void apply(LoginLimits other) {
    LoginLimits before = limits;
    limits = other;
    if (other.atOnce() != before.atOnce()) {
      strangers = new Semaphore(other.atOnce());
      acquaintances = new Semaphore(other.atOnce());
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
   * Who tries to log in, as far as that is known before the proof is checked.
   *
   * @param name as it was claimed; null where the mechanism does not tell it (GSSAPI, handshakes
   *     between gateways), whose failures count against the address alone
   * @param shared whether the address is a balancer's, which does not tell whom it speaks for
   * @param proven whether this is a session that goes on under the name it has proved before
   */
  public record Attempt(
      InetAddress address, @Nullable String name, boolean shared, boolean proven) {}

  /** What failures count against. */
  private record Name(InetAddress address, String name) {}

  /**
   * Whose proofs wait for each other.
   *
   * @param known those of clients that logged in before do not wait for those of strangers
   */
  private record Line(InetAddress address, boolean known, int places) {}

  /**
   * The turns of a line.
   *
   * @param users how many threads hold this object
   */
  private record Turns(Semaphore permits, int users) {
    Turns with(int more) {
      return new Turns(permits, users + more);
    }
  }

  /** Something that takes a while and may fail. */
  @FunctionalInterface
  public interface Checking<T> {
    T check() throws SaslFailure;
  }

  /** The memory for long tokens that are not verified yet, shared by all connections. */
  public Budget tokens() {
    return tokens;
  }

  /**
   * Runs a check when it is its turn. Blocks.
   *
   * @throws SaslFailure what the check threw, or that there was no turn
   */
  public <T> T pass(Attempt attempt, Checking<T> checking) throws SaslFailure {
    if (attempt.proven()) {
      return check(attempt, acquaintances, checking);
    }
    refuseIfThrottled(attempt);
    boolean isKnown = isKnown(attempt);
    Line line =
        new Line(
            ClientAddress.limitKey(attempt.address()),
            isKnown,
            isExempt(attempt)
                ? Math.max(limits.atOncePerAddress(), limits.atOnce() * 3 / 4)
                : limits.atOncePerAddress());
    Turns own =
        turns.compute(
            line,
            (_, present) ->
                (present == null ? new Turns(new Semaphore(line.places()), 0) : present).with(1));
    try {
      acquire(own.permits());
      try {
        refuseIfThrottled(attempt); // others like this one may have failed meanwhile
        return check(attempt, isKnown ? acquaintances : strangers, checking);
      } finally {
        own.permits().release();
      }
    } finally {
      turns.compute(line, (_, last) -> last == null || last.users() == 1 ? null : last.with(-1));
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

  private <T> T check(Attempt attempt, Semaphore permits, Checking<T> checking) throws SaslFailure {
    acquire(permits);
    try {
      return checking.check();
    } catch (SaslFailure e) {
      switch (e.reason()) {
        case UNAVAILABLE, THROTTLED -> {
          // Nobody has looked at the proof.
        }
        case BAD_CREDENTIALS, EXPIRED, NOT_FOR_US, MALFORMED -> failed(attempt);
      }
      throw e;
    } catch (User.InvalidName e) {
      failed(attempt);
      throw new SaslFailure(SaslFailure.Reason.NOT_FOR_US, "it proves " + e.getMessage(), e);
    } finally {
      permits.release();
    }
  }

  /** Counts a failure that no check threw. */
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

  /** Forgives the failures of a name that has logged in. */
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
    if (name != null && byName.isSpent(name, now)) {
      throw new SaslFailure(
          SaslFailure.Reason.THROTTLED, "too many failures of this name from this address lately");
    }
    if (byAddress.isSpent(ClientAddress.limitKey(attempt.address()), now) && !isKnown(attempt)) {
      throw new SaslFailure(
          SaslFailure.Reason.THROTTLED, "too many failures from this address lately");
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

  /** Directories take a name in many spellings, which are guesses at one password. */
  private static @Nullable Name nameOf(Attempt attempt) {
    String name = attempt.name();
    return name == null
        ? null
        : new Name(
            ClientAddress.limitKey(attempt.address()), name.strip().toLowerCase(Locale.ROOT));
  }

  /** How many counts are kept: of names, addresses, known names and waiting lines together. */
  int remembered() {
    return byName.size() + byAddress.size() + known.size() + turns.size();
  }
}
