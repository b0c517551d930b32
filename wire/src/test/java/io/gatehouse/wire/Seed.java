package io.gatehouse.wire;

import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Seeds of random tests: a new one each run, or that of {@code -Dgatehouse.seed=}. Each case has
 * its own random numbers, independent of the order of tests.
 */
public final class Seed {

  private static final long BASE = Long.getLong("gatehouse.seed", System.nanoTime());

  static {
    System.out.println("random tests: " + replay());
  }

  private Seed() {}

  /** How to repeat the run, for the description of each assertion. */
  public static String replay() {
    return "-Dgatehouse.seed=" + BASE;
  }

  /** Random numbers for the case with this name. */
  public static RandomGenerator random(Object... parts) {
    long seed = BASE;
    for (Object part : parts) {
      seed = 0x9e3779b97f4a7c15L * (seed ^ Objects.hashCode(part));
      seed ^= seed >>> 29;
    }
    return new SplittableRandom(seed);
  }
}
