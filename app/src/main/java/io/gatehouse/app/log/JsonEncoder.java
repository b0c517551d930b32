package io.gatehouse.app.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import io.gatehouse.app.config.AppSettings.Log.Fields;
import java.util.Locale;

/** Writes one JSON object per line. */
final class JsonEncoder extends EncoderBase<ILoggingEvent> {

  private final Fields fields;

  JsonEncoder(Fields fields) {
    this.fields = fields;
  }

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(200).append('{');
    Lines.appendJson(line, fields.level());
    line.append(':');
    Lines.appendJson(line, event.getLevel().toString().toLowerCase(Locale.ROOT));
    append(line, fields.message(), event.getFormattedMessage());
    line.append(',');
    Lines.appendJson(line, fields.time());
    line.append(":\"");
    Lines.appendTime(line, event.getTimeStamp());
    line.append('"');
    append(line, "logger", event.getLoggerName());
    append(line, "thread", event.getThreadName());
    Lines.appendJsonPairs(line, event.getKeyValuePairs());
    if (event.getThrowableProxy() != null) {
      append(line, "error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    return line.append("}\n").toString().getBytes(UTF_8);
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }

  private static void append(StringBuilder line, String field, String value) {
    line.append(',');
    Lines.appendJson(line, field);
    line.append(':');
    Lines.appendJson(line, value);
  }
}
