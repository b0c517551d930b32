package io.gatehouse.http;

import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Limits what calls of the admin API do at the same time. A turn is for what needs memory and a
 * processor: parsing and judging. Nobody waits for brokers or other nodes while having one, so a
 * store that cannot be written does not keep others from reading or from switching a cluster. Who
 * waits for the store has a place, of which there are more.
 */
final class Turns {
  /** Each may need up to 10 MB to parse its body. */
  private static final int MAX_TURNS = 4;

  /** Calls that wait for the store keep what they have parsed. */
  private static final int MAX_WAITING = 64;

  /** Hashing a password takes a processor for a while, which health checks need too. */
  private static final int MAX_HASHING = 1;

  private static final int QUEUE_TIMEOUT_SECONDS = 10;

  private static final Turn NONE = () -> {};

  private final Semaphore turns = new Semaphore(MAX_TURNS, true);
  private final Semaphore places = new Semaphore(MAX_WAITING, true);

  private final Semaphore hashing = new Semaphore(MAX_HASHING, true);

  /** Must be closed when it is over. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /** A turn, when there is one. */
  Turn take() {
    return acquire(turns);
  }

  /** A turn if it is needed. */
  Turn takeIf(boolean needed) {
    return needed ? take() : NONE;
  }

  /** A place among those who wait for the store. */
  Turn place() {
    return acquire(places);
  }

  /** Permission to hash a password and to store it. */
  Turn hash() {
    return acquire(hashing);
  }

  private static Turn acquire(Semaphore semaphore) {
    try {
      if (!semaphore.tryAcquire(QUEUE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new HttpException(
            "Too many requests at once; try again.", Status.SERVICE_UNAVAILABLE_503, true);
      }
    } catch (InterruptedException e) {
      throw new CloseConnectionException("the connection was closed to make room for another", e);
    }
    return semaphore::release;
  }
}
