package io.gatehouse.app.log;

import io.gatehouse.http.LoggerLevels;
import java.text.MessageFormat;
import java.util.Map;
import java.util.MissingResourceException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LocationAwareLogger;

/**
 * Redirects java.util.logging, which the HTTP server uses, to slf4j. Installed only when such a
 * library is used, because java.util.logging takes time to load.
 */
public final class JulRouting {

  /** Keeps references, because java.util.logging discards unreferenced loggers and their levels. */
  private static final Map<String, java.util.logging.Logger> HELD = new ConcurrentHashMap<>();

  private JulRouting() {}

  public static void install() {
    LogManager.getLogManager().reset();
    java.util.logging.Logger root = java.util.logging.Logger.getLogger("");
    root.addHandler(new ToSlf4j());
    for (LoggerLevels.Entry entry : new LogbackLevels().all()) {
      if (entry.level() != null) {
        setLevel(entry.name(), entry.level());
      }
    }
  }

  static boolean exists(String name) {
    return LogManager.getLogManager().getLogger(name) != null;
  }

  /** Sets the level of the java.util.logging logger with this name. */
  static void setLevel(String name, LoggerLevels.@Nullable Level level) {
    String julName = name.equals(LoggerLevels.ROOT) ? "" : name;
    HELD.computeIfAbsent(julName, java.util.logging.Logger::getLogger)
        .setLevel(level == null ? null : toJul(level));
  }

  private static Level toJul(LoggerLevels.Level level) {
    return switch (level) {
      case OFF -> Level.OFF;
      case ERROR -> Level.SEVERE;
      case WARN -> Level.WARNING;
      case INFO -> Level.INFO;
      case DEBUG -> Level.FINE;
      case TRACE -> Level.ALL;
    };
  }

  private static final class ToSlf4j extends Handler {

    @Override
    public void publish(LogRecord record) {
      String name = record.getLoggerName();
      org.slf4j.Logger logger =
          LoggerFactory.getLogger(name == null || name.isEmpty() ? "jul" : name);
      if (logger instanceof LocationAwareLogger aware) {
        aware.log(
            null,
            JulRouting.class.getName(),
            severity(record.getLevel()),
            text(record),
            null,
            record.getThrown());
      }
    }

    private static int severity(Level level) {
      int value = level.intValue();
      if (value >= Level.SEVERE.intValue()) {
        return LocationAwareLogger.ERROR_INT;
      }
      if (value >= Level.WARNING.intValue()) {
        return LocationAwareLogger.WARN_INT;
      }
      if (value >= Level.CONFIG.intValue()) {
        return LocationAwareLogger.INFO_INT;
      }
      return value >= Level.FINE.intValue()
          ? LocationAwareLogger.DEBUG_INT
          : LocationAwareLogger.TRACE_INT;
    }

    private static String text(LogRecord record) {
      String message = String.valueOf(record.getMessage());
      if (record.getResourceBundle() != null) {
        try {
          message = record.getResourceBundle().getString(message);
        } catch (MissingResourceException _) {
          // Like java.util.logging, use the message itself.
        }
      }
      Object[] parameters = record.getParameters();
      if (parameters == null || parameters.length == 0 || !message.contains("{0")) {
        return message;
      }
      try {
        return MessageFormat.format(message, parameters);
      } catch (IllegalArgumentException _) {
        return message;
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
