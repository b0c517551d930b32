package io.gatehouse.auth.login;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a token or credentials and fetches new ones before they expire. One caller fetches while
 * others continue with the old value. When fetching fails, the old value is used until it expires.
 */
public final class Renewal<T> {

  private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);

  /**
   * Values are renewed after four fifths of their lifetime, but at most this long before they
   * expire.
   */
  private static final Duration MOST_AHEAD = Duration.ofMinutes(5);

  private static final int AHEAD = 5;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration PAUSE_WITH_OLD = Duration.ofSeconds(10);

  /** Fetches a value. May block, within bounds of its own. */
  @FunctionalInterface
  public interface Source<T> {
    T fetch() throws LoginFailure;
  }

  private record Held<T>(T value, Instant renewAt, Instant end) {}

  private record Failed(LoginFailure failure, Instant at) {}

  private final String name;
  private final Source<T> source;
  private final Function<T, Instant> end;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Held<T> held;
  private volatile @Nullable Failed failed;

  /**
   * @param name of the value, for messages
   * @param end when a value expires: {@link Instant#MAX} for never, {@link Instant#MIN} for a value
   *     to be used once
   */
  public Renewal(String name, Source<T> source, Function<T, Instant> end, InstantSource clock) {
    this.name = name;
    this.source = source;
    this.end = end;
    this.clock = clock;
  }

  /**
   * A value that has not expired.
   *
   * @throws LoginFailure when there is none and it cannot be fetched within 30 s
   */
  public T get() throws LoginFailure {
    Instant now = clock.instant();
    Held<T> old = held;
    if (old != null && now.isBefore(old.renewAt())) {
      return old.value();
    }
    if (old != null && now.isBefore(old.end())) {
      return renewed(old, now);
    }
    return fetched();
  }

  private T renewed(Held<T> old, Instant now) {
    if (failedWithin(PAUSE_WITH_OLD, now) != null || !lock.tryLock()) {
      return old.value();
    }
    try {
      Held<T> current = held;
      return current != null && now.isBefore(current.renewAt()) ? current.value() : fetch();
    } catch (LoginFailure e) {
      LOG.warn("{} cannot be renewed, the old one ends at {}: {}", name, old.end(), e.getMessage());
      return old.value();
    } finally {
      lock.unlock();
    }
  }

  private T fetched() throws LoginFailure {
    await();
    try {
      Instant now = clock.instant();
      Held<T> current = held;
      if (current != null && now.isBefore(current.end())) {
        return current.value();
      }
      Failed before = failedWithin(PAUSE, now);
      if (before != null) {
        throw new LoginFailure(String.valueOf(before.failure().getMessage()), before.failure());
      }
      return fetch();
    } finally {
      lock.unlock();
    }
  }

  private void await() throws LoginFailure {
    try {
      if (!lock.tryLock(LONGEST_WAIT.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new LoginFailure(
            name + ": fetching takes longer than " + LONGEST_WAIT.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoginFailure(name + ": interrupted while waiting", e);
    }
  }

  private T fetch() throws LoginFailure {
    try {
      T value = source.fetch();
      Instant now = clock.instant();
      Instant ends = end.apply(value);
      held = new Held<>(value, renewAt(now, ends), ends);
      failed = null;
      return value;
    } catch (LoginFailure e) {
      failed = new Failed(e, clock.instant());
      throw e;
    }
  }

  private static Instant renewAt(Instant now, Instant ends) {
    if (ends.equals(Instant.MAX) || !ends.isAfter(now)) {
      return ends;
    }
    Duration ahead = Duration.between(now, ends).dividedBy(AHEAD);
    return ends.minus(ahead.compareTo(MOST_AHEAD) < 0 ? ahead : MOST_AHEAD);
  }

  private @Nullable Failed failedWithin(Duration pause, Instant now) {
    Failed last = failed;
    return last != null && now.isBefore(last.at().plus(pause)) ? last : null;
  }
}
