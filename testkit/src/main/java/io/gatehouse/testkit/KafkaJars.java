package io.gatehouse.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The jars of a Kafka release, which the build has copied.
 *
 * @param name the folder of the release below {@code testkit/kafka}
 * @param target the build folder that contains {@code libs} and caches
 * @param jars all jars in a fixed order, because AOT caches depend on it
 */
record KafkaJars(String name, Path target, List<Path> jars) {

  private static final String FOLDER = "testkit/kafka";

  /**
   * The jars in {@code testkit/kafka/NAME/target/libs} of this checkout.
   *
   * @throws IllegalStateException if the working directory is not in a source tree, or it is not
   *     built
   */
  static KafkaJars in(String name) {
    Path root = root(System.getProperty("gatehouse.root"), Path.of("").toAbsolutePath());
    Path target = root.resolve(FOLDER).resolve(name).resolve("target");
    Path libs = target.resolve("libs");
    if (!Files.isDirectory(libs)) {
      throw new IllegalStateException(
          "no Kafka jars in "
              + libs
              + "; build them: ./mvnw -pl "
              + FOLDER
              + "/"
              + name
              + " process-resources");
    }
    try (Stream<Path> files = Files.list(libs)) {
      return new KafkaJars(
          name, target, files.filter(file -> file.toString().endsWith(".jar")).sorted().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path root(@Nullable String set, Path workingDirectory) {
    Path start = set == null ? workingDirectory : Path.of(set).toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve(FOLDER))) {
        return folder;
      }
    }
    throw new IllegalStateException(
        "no folder "
            + FOLDER
            + " in "
            + start
            + " or above it; set -Dgatehouse.root to the checkout");
  }

  /** Adds a jar at the end, which keeps caches of the others valid. */
  KafkaJars with(Path jar) {
    return new KafkaJars(name, target, Stream.concat(jars.stream(), Stream.of(jar)).toList());
  }

  String classPath() {
    return jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** A key for caches that depend on the jars and the JVM. */
  String fingerprint() {
    int hash = Objects.hash(System.getProperty("java.vm.version"), System.getProperty("java.home"));
    try {
      for (Path jar : jars) {
        hash =
            31 * hash
                + Objects.hash(
                    jar.toString(), Files.size(jar), Files.getLastModifiedTime(jar).toMillis());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Integer.toHexString(hash);
  }

  /**
   * The full name of the only class named {@code simpleName}, whose package differs between
   * releases.
   */
  Optional<String> findClass(String simpleName) {
    String ending = "/" + simpleName + ".class";
    for (Path jar : jars) {
      String file = String.valueOf(jar.getFileName());
      if (file.startsWith("kafka")) {
        try (JarFile entries = new JarFile(jar.toFile())) {
          Optional<String> found =
              entries.stream()
                  .map(entry -> entry.getName())
                  .filter(e -> e.endsWith(ending))
                  .findFirst();
          if (found.isPresent()) {
            return found.map(e -> e.substring(0, e.length() - ".class".length()).replace('/', '.'));
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return Optional.empty();
  }
}
