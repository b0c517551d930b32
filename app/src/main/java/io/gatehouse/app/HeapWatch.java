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
 * Ends a process that can do nothing but collect garbage. Java's serial collector never gives up:
 * with a heap that is almost full of live objects it collects after every few requests, and the
 * process looks alive without doing anything. Whoever supervises it can restart one that ended.
 */
final class HeapWatch {

  /** The share of time that collections take from when on the process is of no use. */
  private static final double COLLECTING = 0.95;

  /** How full the heap must be of what collections leave. */
  private static final double FULL = 0.9;

  private static final int SAMPLES = 6;
  private static final Duration WINDOW = Duration.ofSeconds(30);

  // The last samples, the oldest at `next`.
  private final long[] times = new long[SAMPLES];
  private final long[] collecting = new long[SAMPLES];
  private int next;

  /** Samples in a row that found the heap full. */
  private int full;

  private HeapWatch() {}

  /** Watches as long as the process lives. */
  static void start() {
    start(WINDOW);
  }

  /**
   * @param window for how long it must have been so
   */
  static void start(Duration window) {
    Thread.ofPlatform()
        .daemon()
        .name("heap-watch")
        .start(() -> new HeapWatch().watch(window.dividedBy(SAMPLES)));
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
      LoggerFactory.getLogger(HeapWatch.class)
          .error(
              "The heap of {} MiB is full and nearly all time goes into collecting garbage, so the"
                  + " process ends with {}; GATEHOUSE_HEAP gives it more",
              Runtime.getRuntime().maxMemory() >> 20,
              ExitCode.HEAP_FULL);
      Logging.stop();
    } finally {
      Runtime.getRuntime().halt(ExitCode.HEAP_FULL);
    }
  }

  /**
   * Takes a sample and judges by it and those before.
   *
   * @param now {@link System#nanoTime}
   * @param collectionNanos time spent in collections so far
   * @param fullness of what the last collection left, from 0 to 1
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

  /** Of collectors that stop the program; the others' time is not lost. */
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
      // Where new objects are made there are no thresholds.
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
