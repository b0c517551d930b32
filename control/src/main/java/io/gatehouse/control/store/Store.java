package io.gatehouse.control.store;

/** Keeps resources. Safe for use by many threads. */
public interface Store extends AutoCloseable {

  /** The current resources. Never blocks. */
  Snapshot current();

  /**
   * Applies a change atomically. When this returns, the change is as durable as the store is. May
   * block for input and output.
   *
   * @throws StaleException when the change is not based on the current revision
   * @throws StoreException when it cannot be written
   */
  Snapshot write(Change change) throws StaleException, StoreException;

  @Override
  default void close() {}
}
