package io.gatehouse.wire;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Measures the bytes that the current thread allocates, independent of other threads. */
public final class Allocation {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Fixed allocation that does not depend on the input: tables of the layout, exceptions. */
  private static final long BASE = 64 << 10;

  /**
   * The most expensive input byte: an array element of two bytes becomes a struct, its values and
   * its list entry.
   */
  private static final long PER_BYTE = 150;

  private Allocation() {}

  /**
   * Fails if reading so many bytes allocates more than in proportion to them, also if the reading
   * ends in a {@link MalformedMessage}.
   */
  public static void check(String what, int inputBytes, Runnable reading) {
    atMost(what + " of " + inputBytes + " bytes", BASE + PER_BYTE * inputBytes, reading);
  }

  /** Fails if reading allocates more than that many bytes. */
  public static void atMost(String what, long limit, Runnable reading) {
    // The first reading may load classes; the second one counts.
    if (allocated(reading) > limit) {
      long allocated = allocated(reading);
      if (allocated > limit) {
        throw new AssertionError(what + ": " + allocated + " bytes allocated, more than " + limit);
      }
    }
  }

  private static long allocated(Runnable reading) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      reading.run();
    } catch (MalformedMessage e) {
      // What a refused message allocated counts too.
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
