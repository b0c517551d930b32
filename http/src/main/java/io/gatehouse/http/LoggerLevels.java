package io.gatehouse.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The levels of the logging in use, changed while the program runs and forgotten when it ends. */
public interface LoggerLevels {
  /** The name of the logger all others inherit from. */
  String ROOT = "ROOT";

  /** Every logger that exists or has a level, by name. */
  List<Entry> all();

  /** One logger, whether or not it exists yet. */
  Entry get(String name);

  /**
   * Sets a level.
   *
   * @param level the new level, or null to inherit it again; never null for {@link #ROOT}
   */
  void set(String name, @Nullable Level level);

  /** From silent to talkative. */
  enum Level {
    OFF,
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  /**
   * One logger.
   *
   * @param name its name, {@link #ROOT} for the root
   * @param level the level set on it, null if it inherits
   * @param effectiveLevel the level that counts
   */
  record Entry(String name, @Nullable Level level, Level effectiveLevel) {}
}
