package io.gatehouse.http;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Opens taps, which show requests and responses that pass the gateway. */
@FunctionalInterface
public interface FrameTaps {
  /** An open tap. Used by one thread. */
  interface Lines extends AutoCloseable {
    /**
     * Returns the next line of JSON without a line end, or null if there is none within this time
     * or the tap has ended.
     */
    @Nullable String next(Duration most) throws InterruptedException;

    /** Whether there are no further lines. */
    boolean isEnded();

    /** The number of frames shown so far. */
    long shown();

    @Override
    void close();
  }

  /**
   * Opens a tap. The caller must close it.
   *
   * @param parameters the query parameters by name
   * @throws IllegalArgumentException for an invalid parameter, with a message for the user
   * @throws TooManyException if the maximum number of taps is open
   */
  Lines open(Map<String, List<String>> parameters) throws TooManyException;

  /** The maximum number of taps is open. */
  final class TooManyException extends Exception {
    private static final long serialVersionUID = 1;

    public TooManyException(String message) {
      super(message);
    }
  }
}
