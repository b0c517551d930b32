package io.gatehouse.wire;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts the bytes that the current thread allocates, which no other thread's work disturbs. */
public final class Allocation {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Beside what is in proportion to the input: tables of the layout, exceptions. */
  private static final long BASE = 64 << 10;

  /** The dearest byte: an element of two bytes costs a struct, its values and its list entry. */
  private static final long PER_BYTE = 150;

  private Allocation() {}

  /**
   * Fails if reading so many bytes allocates more than in proportion to them. A reading that ends
   * in {@link MalformedMessage} counts as well.
   */
  public static void check(String what, int inputBytes, Runnable reading) {
    atMost(what + " of " + inputBytes + " bytes", BASE + PER_BYTE * inputBytes, reading);
  }

  /** Fails if reading allocates more than that many bytes. */
  public static void atMost(String what, long limit, Runnable reading) {
    // The first reading may load classes; the second tells.
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
      // Refused; what it cost until then counts.
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
