package io.gatehouse.wire;

import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarFile;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.protocol.ApiKeys;

/** The messages to test with, by name, as listed in the kafka-clients jar. */
public final class Messages {

  private static final String FOLDER = "common/message/";

  private static final List<String> NAMES = list();

  private Messages() {}

  /** All messages that kafka-clients defines: requests, responses, headers and stored records. */
  public static Stream<String> all() {
    return NAMES.stream();
  }

  /** Those of {@link #all} that have a valid version. */
  public static Stream<String> live() {
    return all().filter(name -> !schema(name).valid().isEmpty());
  }

  /** Those of {@link #live} that are requests or responses. */
  public static Stream<String> calls() {
    return live().filter(name -> schema(name).apiKey() >= 0);
  }

  public static MessageSchema schema(String name) {
    return Objects.requireNonNull(Schemas.get().message(name), name);
  }

  /** The layouts of all valid versions. */
  public static Stream<Layout> layouts(String name) {
    MessageSchema schema = schema(name);
    return IntStream.rangeClosed(schema.valid().lowest(), schema.valid().highest())
        .mapToObj(schema::layout);
  }

  private static List<String> list() {
    try (JarFile jar =
        new JarFile(
            Path.of(ApiKeys.class.getProtectionDomain().getCodeSource().getLocation().getPath())
                .toFile())) {
      return jar.stream()
          .map(entry -> entry.getName())
          .filter(name -> name.startsWith(FOLDER) && name.endsWith(".json"))
          .map(name -> name.substring(FOLDER.length(), name.length() - ".json".length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
