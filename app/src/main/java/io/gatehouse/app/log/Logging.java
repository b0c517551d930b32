package io.gatehouse.app.log;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.gatehouse.app.config.AppSettings.Log;
import io.gatehouse.gateway.flow.Audit;
import io.gatehouse.http.LoggerLevels;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Configures the logging of the process. */
public final class Logging {

  /** How many lines may wait to be written. */
  private static final int QUEUE = 8192;

  private static final int FLUSH_MILLIS = 2000;

  private static final String STARTUP_BUFFER = "startup";

  /** The logger of the audit log. */
  static final String AUDIT = Audit.LOGGER;

  private Logging() {}

  /**
   * Applies the settings, also to events that were buffered before.
   *
   * @throws UncheckedIOException if the audit log's file cannot be opened
   */
  public static void configure(Log settings) {
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    if (factory instanceof LoggerContext context) {
      configure(context, settings);
    } else {
      throw new IllegalStateException("slf4j is bound to " + factory.getClass().getName());
    }
  }

  /** Buffers events until {@link #configure} is called. */
  static void hold(LoggerContext context) {
    StartupBuffer buffer = new StartupBuffer();
    buffer.setContext(context);
    buffer.setName(STARTUP_BUFFER);
    buffer.start();
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(buffer);
    root.setLevel(LogbackLevels.toLogback(Log.DEFAULT.level()));
  }

  /** Writes buffered events with the default settings if {@link #configure} was never called. */
  public static void release() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
        && context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(STARTUP_BUFFER) != null) {
      configure(context, Log.DEFAULT);
      stop();
    }
  }

  /** Writes the queued lines. Nothing is logged afterwards. */
  public static void stop() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.stop();
    }
  }

  private static AuditAppender.Target target(Log.AuditLog settings) {
    if (settings.file() == null) {
      return new StandardOutput();
    }
    try {
      return new AuditFile(settings.file());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the audit log " + settings.file() + " cannot be written (log.audit.file)", e);
    }
  }

  /** Writes each line with one call, so that lines of several threads do not mix. */
  private static final class StandardOutput implements AuditAppender.Target {
    @Override
    public void write(byte[] line) {
      System.out.write(line, 0, line.length);
      System.out.flush();
    }

    @Override
    public void close() {}
  }

  static void configure(LoggerContext context, Log settings) {
    var buffer = context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(STARTUP_BUFFER);
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
    AuditAppender audit =
        new AuditAppender(encoder, target(settings.audit()), settings.audit().rate());
    audit.setContext(context);
    audit.setName("audit");
    audit.start();
    ch.qos.logback.classic.Logger auditLogger = context.getLogger(AUDIT);
    auditLogger.addAppender(audit);
    auditLogger.setAdditive(false);
    // Has its own level, so that the levels of other loggers do not suppress it.
    auditLogger.setLevel(Level.INFO);
    if (!root.getLevel().isGreaterOrEqual(Level.WARN)) {
      // Kafka's clients list their whole configuration at INFO.
      context.getLogger("org.apache.kafka").setLevel(Level.WARN);
      // The group of gateway nodes assigns no partitions, of which Kafka's client warns each time.
      context
          .getLogger("org.apache.kafka.clients.consumer.internals.ConsumerCoordinator")
          .setLevel(Level.ERROR);
    }
    settings
        .levels()
        .forEach((name, level) ->
            context
                .getLogger(LogbackLevels.canonical(name))
                .setLevel(LogbackLevels.toLogback(level)));
    NettyLevel.follow(context, settings.levels().keySet());
    // Set last, so that no setting suppresses it.
    context.getLogger(LoggerLevels.CHANGES).setLevel(ch.qos.logback.classic.Level.INFO);
    if (buffer instanceof StartupBuffer lines) {
      lines.release(context, queue);
    }
  }
}
