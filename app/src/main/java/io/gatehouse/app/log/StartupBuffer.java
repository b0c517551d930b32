package io.gatehouse.app.log;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;

/** Buffers log events until the log settings have been read. */
final class StartupBuffer extends AppenderBase<ILoggingEvent> {

  /** Bounded in case the start logs in a loop. */
  private static final int MOST = 1000;

  private final List<ILoggingEvent> buffered = new ArrayList<>();

  @Override
  protected synchronized void append(ILoggingEvent event) {
    if (buffered.size() < MOST) {
      event.prepareForDeferredProcessing();
      buffered.add(event);
    }
  }

  /** Passes the events on that the configured levels allow. */
  synchronized void release(LoggerContext context, Appender<ILoggingEvent> to) {
    for (ILoggingEvent event : buffered) {
      if (context.getLogger(event.getLoggerName()).isEnabledFor(event.getLevel())) {
        to.doAppend(event);
      }
    }
    buffered.clear();
  }
}
