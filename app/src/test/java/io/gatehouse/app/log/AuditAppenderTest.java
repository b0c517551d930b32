package io.gatehouse.app.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.gatehouse.app.config.AppSettings.Log;
import io.gatehouse.http.LoggerLevels.Level;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The audit log: complete, separate from other logs, and never blocking the threads that log. */
@Timeout(60)
class AuditAppenderTest {

  @TempDir Path folder;

  private final LoggerContext context = new LoggerContext();
  private final List<String> lines = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    context.stop();
  }

  private Logger logger(AuditAppender.Target target, int rate) {
    TextEncoder encoder = new TextEncoder();
    encoder.setContext(context);
    AuditAppender appender = new AuditAppender(encoder, target, rate);
    appender.setContext(context);
    appender.start();
    Logger logger = context.getLogger(Logging.AUDIT);
    logger.setAdditive(false);
    logger.addAppender(appender);
    return logger;
  }

  private static void login(Logger logger, String principal, String result) {
    logger.atInfo().addKeyValue("principal", principal).addKeyValue("result", result).log("login");
  }

  private AuditAppender.Target writingAfter(CountDownLatch when) {
    return new AuditAppender.Target() {
      @Override
      public void write(byte[] line) throws IOException {
        try {
          when.await();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
        lines.add(new String(line, StandardCharsets.UTF_8));
      }

      @Override
      public void close() {}
    };
  }

  private static long dropped(String cause) {
    return AuditAppender.dropped().getOrDefault(cause, -1L);
  }

  @Test
  void aSlowDiskDoesNotBlockCallersAndDroppedLinesAreCounted() {
    long before = dropped("queue");
    CountDownLatch works = new CountDownLatch(1);
    Logger logger = logger(writingAfter(works), 0);
    int most = AuditAppender.QUEUE + 1; // one is being written
    for (int i = 0; i < most + 500; i++) {
      login(logger, "user-" + i, "bad_credentials");
    }
    long left = dropped("queue") - before;
    assertThat(left).isBetween(500L, 501L);

    works.countDown();
    context.stop();

    assertThat(lines.stream().filter(line -> line.contains("principal=user-")))
        .hasSize((int) (most + 500 - left));
    assertThat(lines).anyMatch(line -> line.contains("audit lines dropped queue=" + left));
  }

  @Test
  void aFloodOfFailuresDoesNotDisplaceSuccesses() {
    long before = dropped("rate");
    Logger logger = logger(writingAfter(new CountDownLatch(0)), 5);
    for (int i = 0; i < 1000; i++) {
      login(logger, "eve", "bad_credentials");
    }
    login(logger, "alice", "success");
    context.stop();

    assertThat(lines).anyMatch(line -> line.contains("principal=alice"));
    long written = lines.stream().filter(line -> line.contains("principal=eve")).count();
    assertThat(written).isBetween(5L, 500L);
    assertThat(dropped("rate") - before).isEqualTo(1000 - written);
    assertThat(lines).anyMatch(line -> line.contains("audit lines dropped rate="));
  }

  @Test
  void waitsWithoutATimeoutWhileThereIsNothingToWrite() {
    Set<Thread> before = writers();
    Logger logger = logger(writingAfter(new CountDownLatch(0)), 1);
    Set<Thread> started = new HashSet<>(writers());
    started.removeAll(before);
    Thread writer = started.iterator().next();
    assertThat(started).hasSize(1);
    await().until(() -> writer.getState() == Thread.State.WAITING);

    login(logger, "alice", "success");
    login(logger, "alice", "success");

    await().until(() -> lines.stream().anyMatch(line -> line.contains("dropped rate=1")));
    await().until(() -> writer.getState() == Thread.State.WAITING);
    context.stop();
    assertThat(writer.isAlive()).isFalse();
  }

  private static Set<Thread> writers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("audit-log"))
        .collect(Collectors.toSet());
  }

  @Test
  void linesThatCannotBeWrittenAreCounted() {
    long before = dropped("write");
    Logger logger =
        logger(
            new AuditAppender.Target() {
              @Override
              public void write(byte[] line) throws IOException {
                throw new IOException("no space left");
              }

              @Override
              public void close() {}
            },
            0);
    login(logger, "alice", "success");
    context.stop();
    assertThat(dropped("write") - before).isEqualTo(1);
  }

  @Test
  void valuesCannotForgePairsOrLines() {
    Logger logger = logger(writingAfter(new CountDownLatch(0)), 0);
    login(logger, "a b=c \"d\"\nlogin result=success", "bad_credentials");
    context.stop();
    assertThat(lines)
        .singleElement()
        .asString()
        .endsWith(
            "gatehouse.audit - login principal=\"a b=c \\\"d\\\"\\nlogin result=success\""
                + " result=bad_credentials\n");
  }

  private Logger configured(Path file, Level root) {
    Logging.configure(
        context,
        new Log(
            Log.Format.JSON, root, Map.of(), Log.Fields.DEFAULT, new Log.AuditLog(file, 0, null)));
    return context.getLogger(Logging.AUDIT);
  }

  @Test
  void goesToItsFileWhateverTheOtherLevelsAre() throws Exception {
    Path file = folder.resolve("audit.log");
    Files.writeString(file, "{}\n");

    login(configured(file, Level.OFF), "alice", "success");
    context.stop();

    List<String> written = Files.readAllLines(file);
    assertThat(written).hasSize(2);
    JsonNode line = JsonMapper.shared().readTree(written.get(1));
    assertThat(line.get("@message").stringValue()).isEqualTo("login");
    assertThat(line.get("principal").stringValue()).isEqualTo("alice");
    assertThat(line.get("result").stringValue()).isEqualTo("success");
    assertThat(line.get("logger").stringValue()).isEqualTo("gatehouse.audit");
    assertThat(line.has("@timestamp")).isTrue();
  }

  @Test
  void aRotatedFileIsCreatedAgain() throws Exception {
    Path file = folder.resolve("audit.log");
    Logger logger = configured(file, Level.INFO);
    login(logger, "before", "success");
    Files.move(file, folder.resolve("audit.log.1"));
    await()
        .until(() -> {
          login(logger, "after", "success");
          return Files.exists(file);
        });
    login(logger, "last", "success");
    context.stop();

    assertThat(Files.readString(file)).contains("\"last\"");
    assertThat(Files.readString(folder.resolve("audit.log.1"))).contains("\"before\"");
  }

  @Test
  void aFileThatCannotBeOpenedStopsTheStart() {
    assertThatThrownBy(() -> configured(folder.resolve("missing/audit.log"), Level.INFO))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("log.audit.file");
  }
}
