package io.gatehouse.app.log;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.gatehouse.app.config.AppSettings.Log;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process's logging. */
public final class Logging {

  /** Lines that wait to be written. */
  private static final int QUEUE = 8192;

  private static final int FLUSH_MILLIS = 2000;

  private static final String HELD = "held";

  private Logging() {}

  /** Puts the settings in force, also for what was logged before. */
  public static void configure(Log settings) {
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    if (factory instanceof LoggerContext context) {
      configure(context, settings);
    } else {
      throw new IllegalStateException("slf4j is bound to " + factory.getClass().getName());
    }
  }

  /** Keeps what is logged until settings come. */
  static void hold(LoggerContext context) {
    HeldLines held = new HeldLines();
    held.setContext(context);
    held.setName(HELD);
    held.start();
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(held);
    root.setLevel(LogbackLevels.toLogback(Log.DEFAULT.level()));
  }

  /** Writes what was logged by the defaults, where settings never came. */
  public static void release() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
        && context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(HELD) != null) {
      configure(context, Log.DEFAULT);
      stop();
    }
  }

  /** Writes out what waits. Nothing is logged afterwards. */
  public static void stop() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.stop();
    }
  }

  static void configure(LoggerContext context, Log settings) {
    var held = context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(HELD);
    context.reset();
    Encoder<ILoggingEvent> encoder =
        switch (settings.format()) {
          case TEXT -> new TextEncoder();
          case JSON -> new JsonEncoder(settings.fields());
        };
    encoder.setContext(context);
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setName("console");
    console.setEncoder(encoder);
    console.start();
    AsyncAppender queue = new AsyncAppender();
    queue.setContext(context);
    queue.setName("queue");
    queue.setQueueSize(QUEUE);
    queue.setDiscardingThreshold(0);
    queue.setNeverBlock(true);
    queue.setMaxFlushTime(FLUSH_MILLIS);
    queue.addAppender(console);
    queue.start();
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(queue);
    root.setLevel(LogbackLevels.toLogback(settings.level()));
    settings
        .levels()
        .forEach((name, level) ->
            context
                .getLogger(LogbackLevels.canonical(name))
                .setLevel(LogbackLevels.toLogback(level)));
    if (held instanceof HeldLines lines) {
      lines.release(context, queue);
    }
  }
}
