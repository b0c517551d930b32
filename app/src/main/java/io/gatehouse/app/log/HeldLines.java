package io.gatehouse.app.log;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps what is logged while the settings are read, since these say how lines look and which are
 * wanted.
 */
final class HeldLines extends AppenderBase<ILoggingEvent> {

  /** More than these would come of an endless loop. */
  private static final int MOST = 1000;

  private final List<ILoggingEvent> held = new ArrayList<>();

  @Override
  protected synchronized void append(ILoggingEvent event) {
    if (held.size() < MOST) {
      event.prepareForDeferredProcessing();
      held.add(event);
    }
  }

  /** Passes on what the levels in force let through. */
  synchronized void release(LoggerContext context, Appender<ILoggingEvent> to) {
    for (ILoggingEvent event : held) {
      if (context.getLogger(event.getLoggerName()).isEnabledFor(event.getLevel())) {
        to.doAppend(event);
      }
    }
    held.clear();
  }
}
