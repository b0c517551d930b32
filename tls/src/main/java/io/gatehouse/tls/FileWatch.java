package io.gatehouse.tls;

import io.gatehouse.auth.Hashes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls files and reports when their content changes. It compares contents rather than modification
 * times, and does not rely on file system events, because Kubernetes updates secrets by swapping a
 * symbolic link.
 */
public final class FileWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FileWatch.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration LEAST = Duration.ofMillis(10);

  private final Duration interval;
  private final List<Watched> watched = new CopyOnWriteArrayList<>();
  private final @Nullable Thread thread;

  /**
   * @param interval between two polls; zero switches polling off
   */
  public FileWatch(Duration interval) {
    this.interval = interval.compareTo(LEAST) < 0 ? LEAST : interval;
    this.thread = interval.isZero() ? null : Thread.ofVirtual().name("file-watch").start(this::run);
  }

  /**
   * The content of files at one time, as a digest. It is taken before the files are loaded, so that
   * a change during loading is noticed.
   */
  public static final class Snapshot {
    private final List<Path> files;
    private byte[] fingerprint;

    private Snapshot(List<Path> files) {
      this.files = List.copyOf(files);
      this.fingerprint = fingerprint(files);
    }

    private boolean hasChanged() {
      byte[] before = fingerprint;
      fingerprint = fingerprint(files);
      return !Arrays.equals(before, fingerprint);
    }
  }

  private record Watched(Snapshot snapshot, Runnable changed) {}

  public static Snapshot snapshot(List<Path> files) {
    return new Snapshot(files);
  }

  /**
   * Calls {@code changed} on the watch's thread when the content of a file differs from the
   * snapshot.
   *
   * @return stops the calls
   */
  public Runnable watch(Snapshot before, Runnable changed) {
    if (before.files.isEmpty()) {
      return () -> {};
    }
    Watched one = new Watched(before, changed);
    watched.add(one);
    return () -> watched.remove(one);
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.interrupt();
      try {
        thread.join(PATIENCE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(interval);
      } catch (InterruptedException e) {
        return;
      }
      for (Watched one : watched) {
        try {
          if (one.snapshot.hasChanged()) {
            one.changed.run();
          }
        } catch (RuntimeException e) {
          log.error("an error of the gateway while it looked at {}", one.snapshot.files, e);
        }
      }
    }
  }

  private static byte[] fingerprint(List<Path> files) {
    MessageDigest digest = Hashes.digest("SHA-256");
    for (Path file : files) {
      try {
        byte[] content = Files.readAllBytes(file);
        digest.update(
            Integer.toString(content.length).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        digest.update(content);
      } catch (IOException e) {
        digest.update((byte) '?'); // a missing file counts as other content
      }
    }
    return digest.digest();
  }
}
