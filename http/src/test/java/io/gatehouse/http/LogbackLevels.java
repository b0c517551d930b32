package io.gatehouse.http;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** An implementation for the Logback of the tests. */
final class LogbackLevels implements LoggerLevels {
  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

  @Override
  public List<Entry> all() {
    return context.getLoggerList().stream().map(LogbackLevels::entry).toList();
  }

  LogbackLevels() {
    context.getLogger(CHANGES).setLevel(ch.qos.logback.classic.Level.INFO);
  }

  @Override
  public Optional<Entry> find(String name) {
    return Optional.ofNullable(context.exists(name)).map(LogbackLevels::entry);
  }

  @Override
  public void set(String name, @Nullable Level level) {
    context
        .getLogger(name)
        .setLevel(level == null ? null : ch.qos.logback.classic.Level.valueOf(level.name()));
  }

  private static Entry entry(Logger logger) {
    var own = logger.getLevel();
    return new Entry(
        logger.getName(),
        own == null ? null : Level.valueOf(own.levelStr),
        Level.valueOf(logger.getEffectiveLevel().levelStr));
  }
}
