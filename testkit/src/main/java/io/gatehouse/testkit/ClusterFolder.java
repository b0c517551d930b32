package io.gatehouse.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A cluster's folder for data and logs: in shared memory if there is enough space, else in the
 * temporary folder, or in the folder of the system property {@code gatehouse.kafka.folder}. It is
 * deleted on close. The folder of a killed JVM is deleted by its {@link Reaper}, or by the next
 * testkit that starts.
 */
final class ClusterFolder implements AutoCloseable {

  private static final String PREFIX = "gatehouse-kafka-";
  private static final long ROOM_NEEDED = 2L << 30;
  private static final Duration YOUNG = Duration.ofMinutes(1);

  // The cleanup must skip these: closing a second channel on a lock file would release the lock of
  // the first.
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel lock;

  private ClusterFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  static ClusterFolder create() {
    try {
      Path base = base();
      sweep(base);
      Path path = Files.createTempDirectory(base, PREFIX);
      OURS.add(path);
      Reaper.deleteAtEnd(path);
      return new ClusterFolder(path, locked(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path base() throws IOException {
    String set = System.getProperty("gatehouse.kafka.folder");
    if (set != null) {
      return Files.createDirectories(Path.of(set)).toAbsolutePath();
    }
    Path memory = Path.of("/dev/shm");
    if (Files.isWritable(memory) && Files.getFileStore(memory).getUsableSpace() >= ROOM_NEEDED) {
      return memory;
    }
    return Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
  }

  private static FileChannel locked(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      throw new IOException(folder + " belongs to another process");
    }
    return channel;
  }

  /**
   * Deletes folders whose lock is not held, because their owner has ended. Very recent folders are
   * kept, because they may not be locked yet.
   */
  private static void sweep(Path base) throws IOException {
    Instant old = Instant.now().minus(YOUNG);
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(base, PREFIX + "*")) {
      for (Path folder : folders) {
        if (!OURS.contains(folder) && Files.getLastModifiedTime(folder).toInstant().isBefore(old)) {
          sweepOne(folder);
        }
      }
    }
  }

  private static void sweepOne(Path folder) {
    try {
      FileChannel channel = locked(folder);
      try {
        delete(folder);
      } finally {
        channel.close();
      }
    } catch (IOException e) {
      // In use, or owned by another user.
    }
  }

  Path path() {
    return path;
  }

  /** Deletes everything except the lock. */
  void empty() {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      for (Path entry : entries) {
        if (!entry.endsWith("lock")) {
          delete(entry);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      delete(path);
      lock.close();
      OURS.remove(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete the cluster's folder " + path, e);
    }
  }

  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException problem)
              throws IOException {
            if (problem instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw problem;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException problem)
              throws IOException {
            if (problem != null) {
              throw problem;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
