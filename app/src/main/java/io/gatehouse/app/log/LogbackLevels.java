package io.gatehouse.app.log;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.gatehouse.http.LoggerLevels;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** The levels of Logback's loggers and the corresponding loggers of java.util.logging. */
public final class LogbackLevels implements LoggerLevels {

  private final LoggerContext context;

  public LogbackLevels() {
    this((LoggerContext) LoggerFactory.getILoggerFactory());
  }

  LogbackLevels(LoggerContext context) {
    this.context = context;
  }

  @Override
  public List<Entry> all() {
    return context.getLoggerList().stream().map(LogbackLevels::entry).toList();
  }

  @Override
  public Optional<Entry> find(String name) {
    String canonical = canonical(name);
    Logger existing = context.exists(canonical);
    if (existing != null) {
      return Optional.of(entry(existing));
    }
    // A logger of java.util.logging has no Logback logger before its first line.
    return JulRouting.exists(canonical)
        ? Optional.of(new Entry(canonical, null, entry(nearestParent(canonical)).effectiveLevel()))
        : Optional.empty();
  }

  @Override
  public void set(String name, @Nullable Level level) {
    String canonical = canonical(name);
    context.getLogger(canonical).setLevel(level == null ? null : toLogback(level));
    JulRouting.setLevel(canonical, level);
    NettyLevel.follow(context, Set.of(canonical));
  }

  static String canonical(String name) {
    return name.equalsIgnoreCase(ROOT) ? ROOT : name;
  }

  static ch.qos.logback.classic.Level toLogback(Level level) {
    return switch (level) {
      case OFF -> ch.qos.logback.classic.Level.OFF;
      case ERROR -> ch.qos.logback.classic.Level.ERROR;
      case WARN -> ch.qos.logback.classic.Level.WARN;
      case INFO -> ch.qos.logback.classic.Level.INFO;
      case DEBUG -> ch.qos.logback.classic.Level.DEBUG;
      case TRACE -> ch.qos.logback.classic.Level.TRACE;
    };
  }

  private Logger nearestParent(String name) {
    int dot = name.lastIndexOf('.');
    while (dot > 0) {
      Logger parent = context.exists(name.substring(0, dot));
      if (parent != null) {
        return parent;
      }
      dot = name.lastIndexOf('.', dot - 1);
    }
    return context.getLogger(ROOT);
  }

  private static Entry entry(Logger logger) {
    ch.qos.logback.classic.Level own = logger.getLevel();
    Level effective = fromLogback(logger.getEffectiveLevel());
    return new Entry(logger.getName(), own == null ? null : fromLogback(own), effective);
  }

  private static Level fromLogback(ch.qos.logback.classic.Level level) {
    return switch (level.levelInt) {
      case ch.qos.logback.classic.Level.OFF_INT -> Level.OFF;
      case ch.qos.logback.classic.Level.ERROR_INT -> Level.ERROR;
      case ch.qos.logback.classic.Level.WARN_INT -> Level.WARN;
      case ch.qos.logback.classic.Level.INFO_INT -> Level.INFO;
      case ch.qos.logback.classic.Level.DEBUG_INT -> Level.DEBUG;
      default -> Level.TRACE;
    };
  }
}
