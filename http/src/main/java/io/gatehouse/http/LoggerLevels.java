package io.gatehouse.http;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The log levels. Changes are lost when the process ends. */
public interface LoggerLevels {
  /** The name of the root logger. */
  String ROOT = "ROOT";

  /** All loggers that exist or have a level, ordered by name. */
  List<Entry> all();

  /**
   * The logger for changes at run time. Its level is always info, regardless of the root level and
   * the settings.
   */
  String CHANGES = "gatehouse.changes";

  /** Loggers whose level cannot be changed over HTTP, because their lines are records. */
  Set<String> PROTECTED = Set.of(CHANGES, "gatehouse.audit");

  /** Finds a logger. Does not create it, because loggers are never removed. */
  Optional<Entry> find(String name);

  /**
   * Sets a level.
   *
   * @param name the name of an existing logger that is not in {@link #PROTECTED}
   * @param level the new level, or null to inherit it; not null for {@link #ROOT}
   */
  void set(String name, @Nullable Level level);

  /** The levels, from the least to the most output. */
  enum Level {
    OFF,
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  /**
   * A logger.
   *
   * @param name the name, {@link #ROOT} for the root logger
   * @param level the level of this logger, null if it is inherited
   * @param effectiveLevel the level in effect
   */
  record Entry(String name, @Nullable Level level, Level effectiveLevel) {}
}
