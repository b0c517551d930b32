package io.gatehouse.authplugins;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayInputStream;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

final class PluginLogTest {

  private static final Logger LOGGER =
      (Logger) LoggerFactory.getLogger("io.gatehouse.plugin.under-test");

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    LOGGER.setLevel(Level.TRACE);
    LOGGER.setAdditive(false);
    LOGGER.addAppender(lines);
  }

  @AfterEach
  void stop() {
    LOGGER.detachAppender(lines);
  }

  private PluginLog write(String text, org.slf4j.event.Level least) {
    PluginLog log = new PluginLog("under-test", least);
    log.follow(new ByteArrayInputStream(text.getBytes(UTF_8)));
    return log;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{\"@level\":\"warn\",\"@message\":\"late\",\"@timestamp\":\"x\",\"b\":2,\"a\":\"1\"} ~"
            + " WARN ~ late a=1 b=2",
        "{\"@level\":\"trace\",\"@message\":\"deep\"} ~ TRACE ~ deep",
        "{\"level\":\"x\"} ~ INFO ~ level=x",
        "{not json ~ INFO ~ {not json",
        "time=\"2026\" level=error msg=\"no directory\" ~ ERROR ~ time=\"2026\" level=error"
            + " msg=\"no directory\"",
        "[DEBUG] dialling ~ DEBUG ~ [DEBUG] dialling",
        "panic: runtime error ~ INFO ~ panic: runtime error",
      })
  void linesHaveTheirLevels(String line, String level, String text) {
    PluginLog log = write(line + "\n", org.slf4j.event.Level.TRACE);
    assertThat(lines.list)
        .extracting(e -> e.getLevel().toString(), ILoggingEvent::getFormattedMessage)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(level, text));
    assertThat(log.last()).isEqualTo(text);
  }

  @Test
  void linesBelowTheConfiguredLevelAreDropped() {
    write("[TRACE] a\n[DEBUG] b\n[INFO] c\n\n[WARN] d\n[ERROR] e", org.slf4j.event.Level.WARN);
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("[WARN] d", "[ERROR] e");
  }

  @Test
  void noLineSteersATerminalOrIsEndless() {
    PluginLog log =
        write("a\033[2Jb\r\n" + "x".repeat(200_000) + "\n", org.slf4j.event.Level.TRACE);
    assertThat(lines.list.getFirst().getFormattedMessage()).isEqualTo("a [2Jb");
    assertThat(lines.list).hasSize(5);
    assertThat(lines.list)
        .allSatisfy(line -> assertThat(line.getFormattedMessage()).hasSizeLessThan(65_537));
    assertThat(log.last()).hasSize(256);
  }

  @Test
  void parsesTheLevelsOfFlags() {
    assertThat(List.of("trace", "DEBUG", " info", "warning", "error"))
        .extracting(PluginSettings::level)
        .containsExactly(
            org.slf4j.event.Level.TRACE,
            org.slf4j.event.Level.DEBUG,
            org.slf4j.event.Level.INFO,
            org.slf4j.event.Level.WARN,
            org.slf4j.event.Level.ERROR);
    assertThatThrownBy(() -> PluginSettings.level("loud"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'loud'");
  }
}
