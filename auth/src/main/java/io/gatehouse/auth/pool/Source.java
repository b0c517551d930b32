package io.gatehouse.auth.pool;

/**
 * Settings of a resource that can be opened: an account, a mechanism, a program. Equal sources
 * share what is opened for them.
 *
 * @param <V> what is opened; it is closed if it is {@link AutoCloseable}
 */
@FunctionalInterface
public interface Source<V> {

  /**
   * Opens the resource. May block, within bounds.
   *
   * @param parts opens parts that can be shared with others; they are released when the resource is
   *     closed
   * @throws SourceException or IllegalArgumentException with a message for the user
   */
  V open(Leases parts) throws SourceException;

  /**
   * Validates the settings, without starting a program or using the network.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  default void check() {}
}
