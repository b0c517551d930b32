package io.gatehouse.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The result of a librdkafka client that produces records for longer than its sessions last
 * (KIP-368): one of the programs {@code session} in {@code testkit/clients}.
 *
 * @param sent the number of records it tried to send; their values are the numbers from 0
 * @param delivered the number of acknowledged records
 * @param connects the number of connections
 * @param disconnects the number of lost connections
 * @param logins the number of logins
 * @param output its output, for messages
 */
public record LongSession(
    int sent, int delivered, int connects, int disconnects, int logins, String output) {

  /** The programs. */
  public enum Client {
    /** Debian's version 2.0: authenticates only when it connects, and cannot fetch tokens. */
    LIBRDKAFKA_2_0("/usr/bin/python3", "confluent-python/session.py"),
    /** Version 2.15 from npm: re-authenticates on its connections, and fetches tokens with curl. */
    LIBRDKAFKA_2_15("node", "kafka-javascript/session.mjs");

    private final String interpreter;
    private final String program;

    Client(String interpreter, String program) {
      this.interpreter = interpreter;
      this.program = program;
    }
  }

  private static final Duration LIMIT = Duration.ofSeconds(100);
  private static final Pattern RESULT = Pattern.compile("\\{\"sent\":.*}");

  /**
   * Runs a program until it has logged in this number of times, or for nearly a minute.
   *
   * @param folder the folder for its files
   * @param properties properties of librdkafka; with {@code token.url}, {@code token.client} and
   *     {@code token.secret} the older program fetches tokens
   * @throws IllegalStateException if it fails or is not installed, with its output
   */
  public static LongSession run(
      Client client, Path folder, String properties, String topic, int logins) {
    Path root = KafkaJars.root(System.getProperty("gatehouse.root"), Path.of("").toAbsolutePath());
    Path program = root.resolve("testkit/clients").resolve(client.program);
    try {
      Path settings = Files.writeString(folder.resolve("session.properties"), properties);
      Path out = folder.resolve("session.out");
      Process process =
          new ProcessBuilder(
                  List.of(
                      client.interpreter,
                      program.toString(),
                      settings.toString(),
                      topic,
                      String.valueOf(logins)))
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      boolean ended = await(process);
      String output = Files.readString(out, StandardCharsets.UTF_8);
      Matcher result = RESULT.matcher(output);
      if (!ended || process.exitValue() != 0 || !result.find()) {
        throw new IllegalStateException(
            "%s failed; testkit/clients/install.sh installs what it needs. It said: %s"
                .formatted(program, output));
      }
      String found = result.group();
      return new LongSession(
          number(found, "sent"),
          number(found, "delivered"),
          number(found, "connects"),
          number(found, "disconnects"),
          number(found, "logins"),
          output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean await(Process process) {
    try {
      return process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a client runs", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static int number(String json, String name) {
    Matcher found = Pattern.compile("\"" + name + "\":(\\d+)").matcher(json);
    if (!found.find()) {
      throw new IllegalStateException("no " + name + " in " + json);
    }
    return Integer.parseInt(found.group(1));
  }
}
