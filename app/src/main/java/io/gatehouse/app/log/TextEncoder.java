package io.gatehouse.app.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.encoder.EncoderBase;

/** Writes lines of text: time, level, thread, logger, message, key-value pairs. */
final class TextEncoder extends EncoderBase<ILoggingEvent> {

  /** The maximum depth of nested suppressed exceptions. */
  private static final int DEEPEST = 10;

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    Lines.appendTime(line, event.getTimeStamp());
    String level = event.getLevel().toString();
    line.append(' ').append(level).append(level.length() < 5 ? "  " : " ");
    line.append('[').append(event.getThreadName()).append("] ");
    line.append(event.getLoggerName()).append(" - ");
    Lines.appendText(line, event.getFormattedMessage());
    Lines.appendPairs(line, event.getKeyValuePairs());
    line.append('\n');
    if (event.getThrowableProxy() != null) {
      appendThrown(line, event.getThrowableProxy(), "", 0);
    }
    return line.toString().getBytes(UTF_8);
  }

  /** Appends a stack trace. Messages are escaped, so that they cannot add lines. */
  private static void appendThrown(StringBuilder line, IThrowableProxy thrown, String how, int in) {
    line.repeat('\t', in).append(how).append(thrown.getClassName());
    if (thrown.getMessage() != null) {
      line.append(": ");
      Lines.appendText(line, thrown.getMessage());
    }
    line.append('\n');
    if (thrown.isCyclic() || in > DEEPEST) {
      return;
    }
    StackTraceElementProxy[] frames = thrown.getStackTraceElementProxyArray();
    for (int i = 0; i < frames.length - thrown.getCommonFrames(); i++) {
      line.repeat('\t', in + 1).append(frames[i].getSTEAsString()).append('\n');
    }
    if (thrown.getCommonFrames() > 0) {
      line.repeat('\t', in + 1)
          .append("... ")
          .append(thrown.getCommonFrames())
          .append(" common frames omitted\n");
    }
    for (IThrowableProxy suppressed : thrown.getSuppressed()) {
      appendThrown(line, suppressed, "Suppressed: ", in + 1);
    }
    if (thrown.getCause() != null) {
      appendThrown(line, thrown.getCause(), "Caused by: ", in);
    }
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }
}
