package io.gatehouse.app.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;

/** Lines for people: time, level, thread, logger, message, key-value pairs. */
final class TextEncoder extends EncoderBase<ILoggingEvent> {

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
    line.append(event.getLoggerName()).append(" - ").append(event.getFormattedMessage());
    Lines.appendPairs(line, event.getKeyValuePairs());
    line.append('\n');
    if (event.getThrowableProxy() != null) {
      line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    return line.toString().getBytes(UTF_8);
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }
}
