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
 * A file that lines are appended to. If it is moved or deleted, for example by log rotation, a new
 * file is created within a second.
 */
final class AuditFile implements AuditAppender.Target {

  private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path path;
  private OutputStream out;
  private @Nullable Object key;

  /** Whether the file was moved and no new file could be created yet. Writes fail until it can. */
  private boolean away;

  private long checkedAt = System.nanoTime();

  /**
   * @throws IOException if the file cannot be created or written
   */
  AuditFile(Path path) throws IOException {
    this.path = path;
    this.out = open(path);
    this.key = keyOf(path);
  }

  private static OutputStream open(Path path) throws IOException {
    // Not readable by other users, because it contains user names and addresses.
    return Channels.newOutputStream(
        Files.newByteChannel(
            path,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"))));
  }

  /** The identity of the file at this path, or null if it does not exist. */
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
    if (away || now - checkedAt > CHECK_NANOS) {
      checkedAt = now;
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
