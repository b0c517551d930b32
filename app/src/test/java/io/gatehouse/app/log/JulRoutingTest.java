package io.gatehouse.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.gatehouse.http.LoggerLevels.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class JulRoutingTest {

  private static final String NAME = "jul.routing.test";

  private final Logger logger = (Logger) LoggerFactory.getLogger(NAME);
  private final ListAppender<ILoggingEvent> seen = new ListAppender<>();
  private final java.util.logging.Logger jul = java.util.logging.Logger.getLogger(NAME);

  @BeforeEach
  void route() {
    JulRouting.install();
    seen.start();
    logger.addAppender(seen);
    logger.setAdditive(false);
  }

  @AfterEach
  void detach() {
    logger.detachAppender(seen);
    new LogbackLevels().set(NAME, null);
  }

  @Test
  void forwardsMessagesWithTheirParameters() {
    jul.log(java.util.logging.Level.WARNING, "took {0} of {1}", new Object[] {"x", 2});
    jul.log(java.util.logging.Level.INFO, "it''s {not} a pattern");
    jul.log(java.util.logging.Level.SEVERE, "failed", new IllegalStateException("why"));
    assertThat(seen.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("took x of 2", "it''s {not} a pattern", "failed");
    assertThat(seen.list)
        .extracting(event -> event.getLevel().toString())
        .containsExactly("WARN", "INFO", "ERROR");
    assertThat(seen.list.get(2).getThrowableProxy().getMessage()).isEqualTo("why");
  }

  @Test
  void followsLevelsThatChange() {
    jul.fine("not seen");
    assertThat(seen.list).isEmpty();
    new LogbackLevels().set(NAME, Level.DEBUG);
    jul.fine("seen");
    jul.finest("not seen");
    assertThat(seen.list).extracting(ILoggingEvent::getMessage).containsExactly("seen");
  }
}
