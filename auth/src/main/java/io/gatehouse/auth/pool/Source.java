package io.gatehouse.auth.pool;

/**
 * Settings of something that runs: an account, a mechanism, a program. They are a value, so that
 * equal ones can share what is opened for them; nothing runs before.
 *
 * @param <V> what is opened. It is closed if it is {@link AutoCloseable}
 */
@FunctionalInterface
public interface Source<V> {

  /**
   * Opens it. May block, within bounds.
   *
   * @param parts opens what it is made of and others may share; ends when it is closed itself
   * @throws SourceException or IllegalArgumentException with a message for the user
   */
  V open(Leases parts) throws SourceException;

  /**
   * Looks for what would keep it from being opened, as far as that is to be seen without starting a
   * program or asking the network.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  default void check() {}
}
