package io.gatehouse.wire;

import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Where the random tests take their numbers from: a fresh seed each run, or the one given with
 * {@code -Dgatehouse.seed=}. Each case has its own numbers, whatever runs before it.
 */
public final class Seed {

  private static final long BASE = Long.getLong("gatehouse.seed", System.nanoTime());

  static {
    System.out.println("random tests: " + replay());
  }

  private Seed() {}

  /** How to run the same again; belongs into the description of each assertion. */
  public static String replay() {
    return "-Dgatehouse.seed=" + BASE;
  }

  /** The numbers for the case that these parts name. */
  public static RandomGenerator random(Object... parts) {
    long seed = BASE;
    for (Object part : parts) {
      seed = 0x9e3779b97f4a7c15L * (seed ^ Objects.hashCode(part));
      seed ^= seed >>> 29;
    }
    return new SplittableRandom(seed);
  }
}
