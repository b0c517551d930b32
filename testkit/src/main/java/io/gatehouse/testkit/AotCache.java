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
 * The AOT cache of the brokers' JVMs (JEP 483, 514, 515), which halves a broker's start. It is in
 * the build folder of the jars. A JVM writes it on a regular exit, so the first cluster on a
 * machine stops one of its brokers instead of killing it.
 */
final class AotCache {

  // Closing a second channel on the lock file would release the lock of the first.
  private static final Set<Path> IN_TRAINING = ConcurrentHashMap.newKeySet();

  private final Path file;

  AotCache(KafkaJars jars) {
    this.file = jars.target().resolve("jvm-" + jars.fingerprint() + ".aot");
  }

  /** The JVM argument to use the cache, if it exists. */
  Optional<String> use() {
    return Files.isRegularFile(file) ? Optional.of("-XX:AOTCache=" + file) : Optional.empty();
  }

  /** Starts the creation of the cache, if it is missing and no other process is creating it. */
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

  /** The lock for creating the cache, held until this is closed. */
  record Training(FileChannel lock, Path draft, Path target) implements AutoCloseable {

    /** The JVM argument to write the cache on a regular exit. */
    String argument() {
      return "-XX:AOTCacheOutput=" + draft;
    }

    /**
     * Makes the cache available. Must be called only after a regular exit of the JVM, otherwise the
     * cache may be incomplete.
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

    /** Deletes caches of other jars or JVMs, which have about 60 MB each. */
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
