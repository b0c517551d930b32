package io.gatehouse.http;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows requests and responses while they pass the gateway. */
@FunctionalInterface
public interface FrameTaps {
  /** An open tap, read by one thread. */
  interface Lines extends AutoCloseable {
    /**
     * The next line of JSON, without a line end; null if there is none within this time or the tap
     * has ended.
     */
    @Nullable String next(Duration most) throws InterruptedException;

    /** Whether there will be no further line. */
    boolean isEnded();

    /** Frames shown so far. */
    long shown();

    @Override
    void close();
  }

  /**
   * Opens a tap, which must be closed.
   *
   * @param parameters what is asked for, by name
   * @throws IllegalArgumentException for a parameter that is wrong; its message is for the user
   * @throws TooManyException if as many taps are open as may be
   */
  Lines open(Map<String, List<String>> parameters) throws TooManyException;

  /** As many taps are open as may be. */
  final class TooManyException extends Exception {
    private static final long serialVersionUID = 1;

    public TooManyException(String message) {
      super(message);
    }
  }
}
