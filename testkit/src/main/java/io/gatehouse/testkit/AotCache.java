package io.gatehouse.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The JVM's cache of loaded classes and profiles (JEP 483, 514, 515), which halves a broker's
 * start. It lies in the jars' build folder. A JVM writes it while it exits in order, so the first
 * cluster on a machine has one of its brokers stopped instead of killed at close.
 */
final class AotCache {

  // A second channel on the lock file, once closed, would drop the lock of the first.
  private static final Set<Path> IN_TRAINING = ConcurrentHashMap.newKeySet();

  private final Path file;

  AotCache(KafkaJars jars) {
    this.file = jars.target().resolve("jvm-" + jars.fingerprint() + ".aot");
  }

  /** The argument that makes a JVM use the cache, when there is one. */
  Optional<String> use() {
    return Files.isRegularFile(file) ? Optional.of("-XX:AOTCache=" + file) : Optional.empty();
  }

  /** A chance to make the cache, when it is missing and nobody else is making it. */
  Optional<Training> train() {
    if (Files.isRegularFile(file) || !IN_TRAINING.add(file)) {
      return Optional.empty();
    }
    try {
      FileChannel lock =
          FileChannel.open(
              file.resolveSibling("jvm.aot.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      if (lock.tryLock() != null) {
        Path draft = file.resolveSibling("jvm.aot.draft");
        Files.deleteIfExists(draft);
        return Optional.of(new Training(lock, draft, file));
      }
      lock.close();
      IN_TRAINING.remove(file);
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The right to make the cache, held until closed. */
  record Training(FileChannel lock, Path draft, Path target) implements AutoCloseable {

    /** The argument that makes a JVM write the cache when it exits in order. */
    String argument() {
      return "-XX:AOTCacheOutput=" + draft;
    }

    /**
     * Takes the cache into use. To be called only when the JVM has exited in order, else it may be
     * half written.
     */
    void keep() {
      try {
        if (Files.isRegularFile(draft)) {
          deleteOld();
          Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Those of other jars or JVMs, some 60 MB each. */
    private void deleteOld() throws IOException {
      try (DirectoryStream<Path> old = Files.newDirectoryStream(target.getParent(), "jvm-*.aot")) {
        for (Path file : old) {
          Files.deleteIfExists(file);
        }
      }
    }

    @Override
    public void close() {
      try (lock) {
        Files.deleteIfExists(draft);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        IN_TRAINING.remove(target);
      }
    }
  }
}
