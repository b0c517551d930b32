package io.gatehouse.auth;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class OutageLogTest {

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = new LoggerContext().getLogger("outage");
  private long now;
  private final OutageLog outage = new OutageLog(logger, () -> now);

  private List<String> told() {
    return lines.list.stream()
        .map(line -> line.getLevel() + " " + line.getFormattedMessage())
        .toList();
  }

  @Test
  void failuresAreLoggedAtOnceThenOnceAMinuteAndAtTheEnd() {
    lines.start();
    logger.addAppender(lines);
    outage.works("It");
    for (int second = 0; second < 125; second++) {
      now = Duration.ofSeconds(second).toNanos();
      outage.failed("away");
      outage.failed("away");
    }
    outage.works("It");
    outage.works("It");
    outage.failed("away again");
    assertThat(told())
        .containsExactly(
            "WARN away",
            "WARN away (119 more like this since the last line)",
            "WARN away (119 more like this since the last line)",
            "INFO It works again (9 failures were not logged)",
            "WARN away again");
  }

  @Test
  void causesAreFoundInTheChain() {
    assertThat(AuthMetrics.Cause.of(new IllegalStateException(new ConnectException("no"))))
        .isEqualTo(AuthMetrics.Cause.CONNECT);
    assertThat(AuthMetrics.Cause.of(new IllegalStateException(new SSLHandshakeException("no"))))
        .isEqualTo(AuthMetrics.Cause.TLS);
    assertThat(AuthMetrics.Cause.of(new TimeoutException())).isEqualTo(AuthMetrics.Cause.TIMEOUT);
    assertThat(AuthMetrics.Cause.of(new IllegalStateException()))
        .isEqualTo(AuthMetrics.Cause.ANSWER);
  }
}
