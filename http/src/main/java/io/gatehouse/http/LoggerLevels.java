package io.gatehouse.http;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The levels of the logging in use, changed while the program runs and forgotten when it ends. */
public interface LoggerLevels {
  /** The name of the logger all others inherit from. */
  String ROOT = "ROOT";

  /** Every logger that exists or has a level, by name. */
  List<Entry> all();

  /**
   * Records what is changed while the program runs, at info level. Its level is its own and stays:
   * neither the root's nor the settings' levels silence it.
   */
  String CHANGES = "gatehouse.changes";

  /** Loggers whose lines are a record: nobody who can reach the port may end it. */
  Set<String> KEPT = Set.of(CHANGES, "gatehouse.audit");

  /** One logger, if it exists. Asking does not create it: loggers live as long as the process. */
  Optional<Entry> find(String name);

  /**
   * Sets a level.
   *
   * @param name of a logger that exists, and none of {@link #KEPT}
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
