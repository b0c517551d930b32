package io.gatehouse.auth.sasl.users;

import io.gatehouse.auth.sasl.SaslFailure;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Limits expensive work per client address: each address runs one task at a time, and all addresses
 * together run a few, in order of arrival. An address with ten thousand logins delays another
 * address by only one of them. The callers limit how many tasks wait.
 */
public final class AddressLimiter {

  private final Semaphore all;
  private final Duration patience;
  private final Map<InetAddress, Queue> queues = new HashMap<>();

  /** The tasks of one address. */
  private static final class Queue {
    final Semaphore turn = new Semaphore(1, true);
    int length;
  }

  /** For checks of passwords, each of which occupies a processor: some are left for other work. */
  public static AddressLimiter forBcrypt() {
    return new AddressLimiter(
        Math.max(1, Runtime.getRuntime().availableProcessors() / 2), Duration.ofSeconds(10));
  }

  /**
   * @param atOnce tasks that run concurrently
   * @param patience the longest wait
   */
  public AddressLimiter(int atOnce, Duration patience) {
    this.all = new Semaphore(atOnce, true);
    this.patience = patience;
  }

  /**
   * Runs the work when it is the address's turn.
   *
   * @throws SaslFailure THROTTLED when the wait is too long
   */
  public boolean run(InetAddress address, BooleanSupplier work) throws SaslFailure {
    long deadline = System.nanoTime() + patience.toNanos();
    Queue queue = join(address);
    try {
      take(queue.turn, address, deadline);
      try {
        take(all, address, deadline);
        try {
          return work.getAsBoolean();
        } finally {
          all.release();
        }
      } finally {
        queue.turn.release();
      }
    } finally {
      leave(address, queue);
    }
  }

  /** The number of tasks of an address, running or waiting. */
  int waiting(InetAddress address) {
    synchronized (queues) {
      Queue queue = queues.get(address);
      return queue == null ? 0 : queue.length;
    }
  }

  private Queue join(InetAddress address) {
    synchronized (queues) {
      Queue queue = queues.computeIfAbsent(address, a -> new Queue());
      queue.length++;
      return queue;
    }
  }

  private void leave(InetAddress address, Queue queue) {
    synchronized (queues) {
      queue.length--;
      if (queue.length == 0) {
        queues.remove(address);
      }
    }
  }

  private void take(Semaphore semaphore, InetAddress address, long deadline) throws SaslFailure {
    try {
      if (semaphore.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw throttled(address, "its login was given up");
    }
    throw throttled(address, "its login waited " + patience.toSeconds() + " s for its turn");
  }

  private static SaslFailure throttled(InetAddress address, String why) {
    return new SaslFailure(
        SaslFailure.Reason.THROTTLED,
        "address " + address.getHostAddress() + " logs in too often: " + why);
  }
}
