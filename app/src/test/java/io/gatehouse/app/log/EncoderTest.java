package io.gatehouse.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.gatehouse.app.config.AppSettings.Log.Fields;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Log lines in both formats. */
class EncoderTest {

  private final Logger logger = new LoggerContext().getLogger("io.gatehouse.Some");

  private ILoggingEvent event(String message, @Nullable Throwable thrown, Object... arguments) {
    LoggingEvent event = new LoggingEvent("here", logger, Level.WARN, message, thrown, arguments);
    event.setInstant(Instant.parse("2026-02-03T04:05:06.007Z"));
    event.setThreadName("loop-1");
    return event;
  }

  private static JsonNode json(byte[] line) {
    String text = new String(line, StandardCharsets.UTF_8);
    assertThat(text).endsWith("}\n");
    assertThat(text.indexOf('\n')).isEqualTo(text.length() - 1);
    return JsonMapper.shared().readTree(text);
  }

  @Test
  void writesText() {
    String line =
        new String(
            new TextEncoder().encode(event("took {} of {}", null, "x", 2)), StandardCharsets.UTF_8);
    assertThat(line)
        .isEqualTo("2026-02-03T04:05:06.007Z WARN  [loop-1] io.gatehouse.Some - took x of 2\n");
  }

  @Test
  void writesTheStackBelowTheLine() {
    String text =
        new String(
            new TextEncoder().encode(event("failed", new IllegalStateException("why"))),
            StandardCharsets.UTF_8);
    assertThat(text.lines().toList().get(1)).isEqualTo("java.lang.IllegalStateException: why");
    assertThat(text).endsWith("\n").contains("\tat io.gatehouse.app.log.EncoderTest");
  }

  @Test
  void writesJsonWithKafkaProxysNames() {
    JsonNode line = json(new JsonEncoder(Fields.DEFAULT).encode(event("a {}", null, "b")));
    assertThat(line.get("@level").stringValue()).isEqualTo("warn");
    assertThat(line.get("@timestamp").stringValue()).isEqualTo("2026-02-03T04:05:06.007Z");
    assertThat(line.get("@message").stringValue()).isEqualTo("a b");
    assertThat(line.get("logger").stringValue()).isEqualTo("io.gatehouse.Some");
    assertThat(line.get("thread").stringValue()).isEqualTo("loop-1");
    assertThat(line.has("error")).isFalse();
  }

  @Test
  void writesJsonWithOtherNamesAndErrors() {
    Fields fields = new Fields("severity", "time", "the \"message\"");
    JsonNode line =
        json(new JsonEncoder(fields).encode(event("m", new IllegalStateException("why"))));
    assertThat(line.get("severity").stringValue()).isEqualTo("warn");
    assertThat(line.get("the \"message\"").stringValue()).isEqualTo("m");
    assertThat(line.get("error").stringValue()).startsWith("java.lang.IllegalStateException: why");
  }

  private static final String FORGED = "2026-02-03T04:05:06.007Z INFO  [x] y - all is well";

  /** Line separators, terminal escapes, C1 controls and bidirectional controls. */
  private static final String UNSAFE =
      "a\n%s\r%s\u2028%s\u2029%s\u0085%s \u001b[2J \u009b2J \u202e\u2066\u200f\u007f b"
          .replace("%s", FORGED);

  @Test
  void escapesLineBreaks() {
    for (ILoggingEvent event :
        List.of(
            event(UNSAFE, null),
            event("{}", null, UNSAFE),
            event("x", new IllegalStateException(UNSAFE, new IllegalStateException(UNSAFE))))) {
      for (var encoder : List.of(new TextEncoder(), new JsonEncoder(Fields.DEFAULT))) {
        String text = new String(encoder.encode(event), StandardCharsets.UTF_8);
        assertThat(text.lines().skip(1)).noneMatch(line -> line.startsWith("2026"));
        assertThat(text.chars())
            .allMatch(c -> c == '\n' || c == '\t' || !io.gatehouse.auth.ControlCharacters.is(c));
        assertThat(text).contains("a\\n2026", "\\u001b[2J", "\\u202e\\u2066");
      }
    }
  }

  @Test
  void writesCausesAndWhatWasSuppressed() {
    IllegalStateException failure =
        new IllegalStateException("outer", new IllegalArgumentException("inner"));
    failure.addSuppressed(new UnsupportedOperationException("beside"));
    String text =
        new String(new TextEncoder().encode(event("failed", failure)), StandardCharsets.UTF_8);
    assertThat(text)
        .contains("\njava.lang.IllegalStateException: outer\n\tat io.gatehouse.app.log.EncoderTest")
        .contains("\n\tSuppressed: java.lang.UnsupportedOperationException: beside\n")
        .contains("\nCaused by: java.lang.IllegalArgumentException: inner\n")
        .contains(" common frames omitted\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quotes \" and \\ and / slashes",
        "control \u0000 \u0001 \b \f \n \r \t \u001f",
        "umlauts äöü, kanji 漢字, emoji 😀",
        "\u2028 and \u2029"
      })
  void escapesWhatJsonDoesNotHold(String message) {
    JsonNode line = json(new JsonEncoder(Fields.DEFAULT).encode(event(message, null)));
    assertThat(line.get("@message").stringValue()).isEqualTo(message);
  }

  @Test
  void keepsLinesValidWithLoneSurrogates() {
    byte[] line = new JsonEncoder(Fields.DEFAULT).encode(event("a\ud800b\udc00", null));
    assertThat(new String(line, StandardCharsets.UTF_8)).contains("a\\ud800b\\udc00");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00.000Z",
        "2024-02-29T12:00:00.050Z",
        "9999-12-31T23:59:59.999Z"
      })
  void writesTimesAsRfc3339(String time) {
    StringBuilder line = new StringBuilder();
    Lines.appendTime(line, Instant.parse(time).toEpochMilli());
    assertThat(line).hasToString(time);
  }
}
