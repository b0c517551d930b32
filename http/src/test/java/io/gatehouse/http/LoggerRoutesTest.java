package io.gatehouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LoggerRoutesTest {
  private static final String BODY =
      "The body must be {\"level\":L} with L one of [OFF, ERROR, WARN, INFO, DEBUG, TRACE], or null"
          + " to inherit";

  private Running running;

  @BeforeAll
  void start() throws ListenException {
    running = Running.usual();
  }

  @AfterAll
  void stop() {
    running.close();
  }

  @Test
  void aLevelChangesAndIsInheritedAgain() {
    Logger logger = LoggerFactory.getLogger("io.gatehouse.example.Thing");
    running.levels.set("io.gatehouse.example", LoggerLevels.Level.INFO);
    assertThat(logger.isDebugEnabled()).isFalse();

    var set = running.put("/loggers/io.gatehouse.example", "{\"level\":\"debug\"}");
    assertThat(set.statusCode()).isEqualTo(200);
    assertThat(set.body())
        .isEqualTo(
            "{\"name\":\"io.gatehouse.example\",\"level\":\"DEBUG\",\"effectiveLevel\":\"DEBUG\"}");
    assertThat(logger.isDebugEnabled()).isTrue();
    assertThat(
            Running.json(running.get("/loggers/io.gatehouse.example.Thing")).at("/level").isNull())
        .isTrue();

    running.put("/loggers/io.gatehouse.example", "{\"level\":\"OFF\"}");
    assertThat(logger.isErrorEnabled()).isFalse();
    assertThat(running.put("/loggers/io.gatehouse.example", "{\"level\":null}").statusCode())
        .isEqualTo(200);
    assertThat(running.levels.find("io.gatehouse.example"))
        .hasValueSatisfying(entry -> assertThat(entry.level()).isNull());
  }

  @Test
  void theListHasTheRootAndTheLevelsThereAre() {
    var listing = Running.json(running.get("/loggers"));
    assertThat(listing.at("/levels").toString())
        .isEqualTo("[\"OFF\",\"ERROR\",\"WARN\",\"INFO\",\"DEBUG\",\"TRACE\"]");
    assertThat(
            StreamSupport.stream(listing.at("/loggers").spliterator(), false)
                .map(l -> l.at("/name").stringValue()))
        .contains("ROOT", "io.gatehouse.http.AdminServer");
    assertThat(Running.json(running.get("/loggers/root")))
        .isEqualTo(Running.json(running.get("/loggers/ROOT")));
  }

  @Test
  void theRootCannotInherit() {
    AdminServerTest.assertProblem(
        running.put("/loggers/ROOT", "{\"level\":null}"),
        400,
        "Bad Request",
        "The root logger cannot inherit its level; use one of [OFF, ERROR, WARN,"
            + " INFO, DEBUG, TRACE].");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"level\":\"LOUD\"}",
        "{\"level\":1}",
        "{\"level\":{}}",
        "{\"level\":\"\"}",
        "{\"level\":true}"
      })
  void anUnknownLevelIsRefusedWithTheKnownOnes(String body) {
    var seen = Running.JSON.readTree(body).at("/level").toString();
    AdminServerTest.assertProblem(
        running.put("/loggers/a.b", body), 400, "Bad Request", BODY + ", not " + seen + ".");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "\"DEBUG\"",
        "{}",
        "{\"Level\":\"DEBUG\"}",
        "{\"level\":\"DEBUG\",\"for\":\"1m\"}",
        "null"
      })
  void otherShapesAreRefused(String body) {
    AdminServerTest.assertProblem(
        running.put("/loggers/a.b", body), 400, "Bad Request", BODY + ", without other members.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"level\":", "DEBUG", "{\"level\":\"DEBUG\"} x", "{'level':'DEBUG'}", " "})
  void invalidJsonIsRefused(String body) {
    var response = running.put("/loggers/a.b", body);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(Running.json(response).at("/detail").stringValue()).startsWith(BODY);
  }

  @Test
  void noBodyIsRefused() {
    AdminServerTest.assertProblem(
        running.method("PUT", "/loggers/a.b"), 400, "Bad Request", BODY + ", but it is empty.");
  }

  @Test
  void onlyLoggersThatExistAreChanged() {
    LoggerFactory.getLogger("io.gatehouse.example.Thing");
    var before = running.levels.all().size();
    var deep = "x.".repeat(60) + "y";
    for (int i = 0; i < 50; i++) {
      assertThat(running.put("/loggers/" + deep + i, "{\"level\":\"DEBUG\"}").statusCode())
          .isEqualTo(404);
    }
    var answer = running.put("/loggers/io.gatehouse.example.Thin", "{\"level\":\"DEBUG\"}");
    assertThat(Running.json(answer).at("/detail").stringValue())
        .startsWith(
            "There is no logger io.gatehouse.example.Thin; the most similar are"
                + " io.gatehouse.example.Thing,");
    assertThat(Running.json(running.get("/loggers/thing")).at("/detail").stringValue())
        .contains("the most similar are io.gatehouse.example.Thing,");
    assertThat(running.levels.all()).hasSize(before);
  }

  @Test
  void aChangeIsRecordedBeforeItSilencesEverything() {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    var root = context.getLogger(LoggerLevels.ROOT);
    var was = root.getLevel();
    var appender = new ListAppender<ILoggingEvent>();
    appender.start();
    root.addAppender(appender);
    try {
      assertThat(running.put("/loggers/root", "{\"level\":\"OFF\"}").statusCode()).isEqualTo(200);
      assertThat(running.put("/loggers/ROOT", "{\"level\":\"ERROR\"}").statusCode()).isEqualTo(200);
      assertThat(appender.list.stream().map(ILoggingEvent::getFormattedMessage))
          .containsExactly(
              "the log level of ROOT changes from %s to OFF, requested by 127.0.0.1".formatted(was),
              "the log level of ROOT changes from OFF to ERROR, requested by 127.0.0.1");
      var stays = running.put("/loggers/" + LoggerLevels.CHANGES, "{\"level\":\"OFF\"}");
      AdminServerTest.assertProblem(
          stays,
          403,
          "Forbidden",
          "The level of gatehouse.changes cannot be changed while the gateway runs.");
    } finally {
      root.detachAppender(appender);
      root.setLevel(was);
    }
  }

  @Test
  void invalidNamesCreateNoLogger() {
    var before = running.levels.all().size();
    for (var name : new String[] {"a%0Ab", "a%20b", "x".repeat(201), "%3Cscript%3E"}) {
      AdminServerTest.assertProblem(
          running.put("/loggers/" + name, "{\"level\":\"DEBUG\"}"),
          400,
          "Bad Request",
          "A logger name can contain only letters, digits and _ $ . -, at most 200 characters.");
    }
    assertThat(running.levels.all()).hasSize(before);
  }
}
