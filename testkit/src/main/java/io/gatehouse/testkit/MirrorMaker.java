package io.gatehouse.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Kafka's MirrorMaker 2 in its dedicated mode, as a process of its own. */
public final class MirrorMaker implements AutoCloseable {

  private final JavaServer server;

  private MirrorMaker(JavaServer server) {
    this.server = server;
  }

  /**
   * Starts it and does not wait.
   *
   * @param properties the text of its configuration file
   */
  public static MirrorMaker start(String properties) {
    JavaServer server = JavaServer.prepare("mirror-maker");
    Path file = server.folder().resolve("mirror.properties");
    try {
      Files.writeString(file, properties);
    } catch (IOException e) {
      server.close();
      throw new UncheckedIOException(e);
    }
    server.launch(
        new JavaServer.Launch(
            KafkaVersion.V4_4.toolJars().jars(),
            "org.apache.kafka.connect.mirror.MirrorMaker",
            List.of("-Xmx160m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"),
            List.of(file.toString())));
    return new MirrorMaker(server);
  }

  /** Its output so far. */
  public List<String> log() {
    return server.log();
  }

  @Override
  public void close() {
    server.close();
  }
}
