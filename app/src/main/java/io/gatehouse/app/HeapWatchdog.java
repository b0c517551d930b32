package io.gatehouse.app;

import io.gatehouse.app.log.Logging;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import org.slf4j.LoggerFactory;

/**
 * Ends the process when it spends its time in garbage collection. With an almost full heap, Java's
 * serial collector collects after every few requests without throwing an error, so the process
 * would run without making progress. A supervisor can restart a process that has ended.
 */
final class HeapWatchdog {

  /** The share of time spent in collections at which the process ends. */
  private static final double COLLECTING = 0.95;

  /** How full the heap must be after collections. */
  private static final double FULL = 0.9;

  private static final int SAMPLES = 6;
  private static final Duration WINDOW = Duration.ofSeconds(30);

  // Ring buffers of the last samples; the oldest is at `next`.
  private final long[] times = new long[SAMPLES];
  private final long[] collecting = new long[SAMPLES];
  private int next;

  /** The number of consecutive samples with a full heap. */
  private int full;

  private HeapWatchdog() {}

  /** Starts watching until the process ends. */
  static void start() {
    start(WINDOW);
  }

  /**
   * @param window how long the condition must hold
   */
  static void start(Duration window) {
    Thread.ofPlatform()
        .daemon()
        .name("heap-watchdog")
        .start(() -> new HeapWatchdog().watch(window.dividedBy(SAMPLES)));
  }

  private void watch(Duration interval) {
    try {
      while (!isHopeless(System.nanoTime(), collectionNanos(), fullness())) {
        Thread.sleep(interval);
      }
      end();
    } catch (OutOfMemoryError e) {
      end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void end() {
    try {
      LoggerFactory.getLogger(HeapWatchdog.class)
          .error(
              "The heap of {} MiB is full and nearly all time is spent in garbage collection, so"
                  + " the process ends with {}; set GATEHOUSE_HEAP to a larger heap",
              Runtime.getRuntime().maxMemory() >> 20,
              ExitCode.HEAP_FULL);
      Logging.stop();
    } finally {
      Runtime.getRuntime().halt(ExitCode.HEAP_FULL);
    }
  }

  /**
   * Adds a sample and checks the condition.
   *
   * @param now {@link System#nanoTime}
   * @param collectionNanos time spent in collections so far
   * @param fullness the fill level of the heap after the last collection, from 0 to 1
   */
  private boolean isHopeless(long now, long collectionNanos, double fullness) {
    full = fullness >= FULL ? full + 1 : 0;
    boolean hopeless =
        full > SAMPLES && collectionNanos - collecting[next] >= COLLECTING * (now - times[next]);
    times[next] = now;
    collecting[next] = collectionNanos;
    next = (next + 1) % SAMPLES;
    return hopeless;
  }

  /** The time of collectors that stop the program. Concurrent collectors are not counted. */
  private static long collectionNanos() {
    long millis = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      String name = collector.getName();
      if (!name.contains("Concurrent") && !name.contains("Cycles")) {
        millis += collector.getCollectionTime();
      }
    }
    return millis * 1_000_000;
  }

  private static double fullness() {
    double most = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      // The pool of new objects does not support thresholds and is not counted.
      if (pool.getType() == MemoryType.HEAP && pool.isUsageThresholdSupported()) {
        MemoryUsage left = pool.getCollectionUsage();
        if (left != null && left.getMax() > 0) {
          most = Math.max(most, (double) left.getUsed() / left.getMax());
        }
      }
    }
    return most;
  }
}
