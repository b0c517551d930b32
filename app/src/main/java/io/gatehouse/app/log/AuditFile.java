package io.gatehouse.app.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file that lines are appended to. When it is moved away or deleted, as by a program that rotates
 * logs, a new one is begun within a second.
 */
final class AuditFile implements AuditAppender.Target {

  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path path;
  private OutputStream out;
  private @Nullable Object key;

  /** Whether the file was moved away and no new one could be begun: lines fail until one is. */
  private boolean away;

  private long lookedAt = System.nanoTime();

  /**
   * @throws IOException when the file cannot be made or written
   */
  AuditFile(Path path) throws IOException {
    this.path = path;
    this.out = open(path);
    this.key = keyOf(path);
  }

  private static OutputStream open(Path path) throws IOException {
    // It names users and their addresses: not for everybody on the machine.
    return Channels.newOutputStream(
        Files.newByteChannel(
            path,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"))));
  }

  /** What tells a file from another one of that name, or null. */
  private static @Nullable Object keyOf(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  @Override
  public void write(byte[] line) throws IOException {
    long now = System.nanoTime();
    if (away || now - lookedAt > LOOK_NANOS) {
      lookedAt = now;
      Object present = keyOf(path);
      away = present == null || !Objects.equals(present, key);
      if (away) {
        OutputStream fresh = open(path);
        out.close();
        out = fresh;
        key = keyOf(path);
        away = false;
      }
    }
    out.write(line);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
