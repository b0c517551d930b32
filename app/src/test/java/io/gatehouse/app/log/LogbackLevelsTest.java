package io.gatehouse.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import io.gatehouse.app.config.AppSettings.Log;
import io.gatehouse.http.LoggerLevels;
import io.gatehouse.http.LoggerLevels.Level;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogbackLevelsTest {

  private final LoggerContext context = new LoggerContext();
  private final LogbackLevels levels = new LogbackLevels(context);

  @AfterEach
  void stop() {
    context.stop();
  }

  private void configure(Level root, Map<String, Level> others) {
    Logging.configure(context, new Log(Log.Format.TEXT, root, others, Log.Fields.DEFAULT));
  }

  private Level effective(String name) {
    return Level.valueOf(context.getLogger(name).getEffectiveLevel().toString());
  }

  @Test
  void startFromTheSettings() {
    configure(Level.WARN, Map.of("io.netty", Level.ERROR));
    assertThat(levels.find(LoggerLevels.ROOT))
        .hasValue(new LoggerLevels.Entry("ROOT", Level.WARN, Level.WARN));
    context.getLogger("io.netty.channel");
    assertThat(levels.find("io.netty.channel"))
        .hasValue(new LoggerLevels.Entry("io.netty.channel", null, Level.ERROR));
    assertThat(context.getLogger("io.gatehouse").isInfoEnabled()).isFalse();
  }

  @Test
  void changeAndAreInheritedAgain() {
    configure(Level.INFO, Map.of());
    levels.set("io.gatehouse.x", Level.DEBUG);
    assertThat(context.getLogger("io.gatehouse.x.y").isDebugEnabled()).isTrue();
    assertThat(levels.all())
        .contains(new LoggerLevels.Entry("io.gatehouse.x", Level.DEBUG, Level.DEBUG));
    levels.set("io.gatehouse.x", null);
    assertThat(levels.find("io.gatehouse.x"))
        .hasValue(new LoggerLevels.Entry("io.gatehouse.x", null, Level.INFO));
    levels.set("root", Level.OFF);
    assertThat(levels.find("ROOT")).hasValue(new LoggerLevels.Entry("ROOT", Level.OFF, Level.OFF));
  }

  @Test
  void knowLoggersOfJavaUtilLoggingBeforeTheirFirstLine() {
    configure(Level.WARN, Map.of());
    java.util.logging.Logger held = java.util.logging.Logger.getLogger("a.library.of.others");
    assertThat(levels.find(held.getName()))
        .hasValue(new LoggerLevels.Entry("a.library.of.others", null, Level.WARN));
    levels.set(held.getName(), Level.DEBUG);
    assertThat(held.isLoggable(java.util.logging.Level.FINE)).isTrue();
    levels.set(held.getName(), null);
  }

  @Test
  void neverAffectTheLoggerOfChanges() {
    configure(Level.OFF, Map.of(LoggerLevels.CHANGES, Level.OFF, "gatehouse", Level.OFF));
    assertThat(context.getLogger(LoggerLevels.CHANGES).isInfoEnabled()).isTrue();
    levels.set("ROOT", Level.OFF);
    assertThat(context.getLogger(LoggerLevels.CHANGES).isInfoEnabled()).isTrue();
  }

  @Test
  void keepNettyAtInfoUnlessItIsNamed() {
    configure(Level.DEBUG, Map.of());
    assertThat(context.getLogger("io.gatehouse").isDebugEnabled()).isTrue();
    assertThat(effective("io.netty.util")).isEqualTo(Level.INFO);
    levels.set("ROOT", Level.WARN);
    assertThat(effective("io.netty.util")).isEqualTo(Level.WARN);
    levels.set("ROOT", Level.TRACE);
    assertThat(effective("io.netty.util")).isEqualTo(Level.INFO);
    levels.set("io.netty", Level.DEBUG);
    levels.set("ROOT", Level.DEBUG);
    assertThat(effective("io.netty.util")).isEqualTo(Level.DEBUG);
    configure(Level.INFO, Map.of("io.netty", Level.TRACE));
    assertThat(effective("io.netty.util")).isEqualTo(Level.TRACE);
    configure(Level.DEBUG, Map.of("io.netty.handler", Level.DEBUG));
    assertThat(effective("io.netty.handler.ssl")).isEqualTo(Level.DEBUG);
    assertThat(effective("io.netty.util")).isEqualTo(Level.INFO);
  }

  @Test
  void doNotCreateLoggersWhenRead() {
    configure(Level.INFO, Map.of());
    assertThat(levels.find("nobody.has.this")).isEmpty();
    assertThat(levels.all()).noneSatisfy(entry -> assertThat(entry.name()).startsWith("nobody"));
  }
}
