package io.gatehouse.app.config;

/**
 * Something to do before the gateway serves, which looking at a configuration must not do: start a
 * program, ask the network.
 */
public interface StartStep extends AutoCloseable {

  /**
   * Blocks until it is done.
   *
   * @throws Failure with a message for the user
   */
  void start() throws Failure;

  /** Undoes it; nothing if it was never done. */
  @Override
  default void close() {}

  /** Why the gateway cannot start. */
  final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    public Failure(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
