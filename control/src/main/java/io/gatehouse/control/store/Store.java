package io.gatehouse.control.store;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Keeps resources. Safe for use by many threads. */
public interface Store extends AutoCloseable {

  /** How often a change is judged again because of concurrent changes. */
  int MAX_ATTEMPTS = 1000;

  /** The current resources, and a way to wait for later ones. */
  Snapshots snapshots();

  /** The current resources. Never blocks. */
  default Snapshot current() {
    return snapshots().current();
  }

  /**
   * Applies a change atomically. When this returns, the change is as durable as the store is. May
   * block for input and output.
   *
   * @throws StaleException when the change is not based on the current revision
   * @throws StoreException when it cannot be written
   */
  Snapshot write(Change change) throws StaleException, StoreException;

  /**
   * Judges a change, again after each concurrent one, and applies it as {@link #write} does.
   *
   * @return the resources with the change, or those by which there was nothing to write
   * @throws E when the judge refuses it
   * @throws StoreException when it cannot be written
   */
  default <E extends Exception> Snapshot update(Judge<E> judge) throws E, StoreException {
    for (int i = 0; i < MAX_ATTEMPTS; i++) {
      try {
        Snapshot now = current();
        Change change = judge.judge(now);
        return change == null ? now : write(change);
      } catch (StaleException _) {
        // Something else has changed, so the change is judged again.
      }
    }
    throw new StoreException("the store is busy");
  }

  /**
   * Completes when all that was stored before is in the snapshot; with a {@link StoreException} for
   * the user when it cannot be read until something is done.
   */
  default CompletableFuture<Void> loaded() {
    return CompletableFuture.completedFuture(null);
  }

  /** What operators ask about it; null if there is nothing to say. */
  @Nullable StoreStatus status();

  @Override
  default void close() {}
}
