package io.gatehouse.wire;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts the bytes that the current thread allocates, which no other thread's work disturbs. */
public final class Allocation {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Beside what is in proportion to the input: layouts, exceptions, the counting itself. */
  private static final long BASE = 256 << 10;

  /** The dearest byte: an element of two bytes costs a struct, its values and its list entry. */
  private static final long PER_BYTE = 200;

  private Allocation() {}

  /** Bytes allocated by this thread so far. */
  public static long now() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  /** Fails if more was allocated since {@code before} than reading so many bytes may cost. */
  public static void check(long before, int inputBytes, String what) {
    long allocated = now() - before;
    if (allocated > BASE + PER_BYTE * inputBytes) {
      throw new AssertionError(
          what + ": " + allocated + " bytes allocated for " + inputBytes + " bytes of input");
    }
  }
}
