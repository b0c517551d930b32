package io.gatehouse.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Free loopback ports, reserved so that no other testkit on this machine uses them until they are
 * released. A broker can therefore be restarted on the same port. The ports are below the kernel's
 * range for outgoing connections. Other programs may still take a reserved port, so code that binds
 * one must handle that.
 */
public final class Ports implements AutoCloseable {

  private static final int LOWEST = 10_240;
  private static final int HIGHEST = 32_767;
  private static final int ATTEMPTS = 2_000;

  // A lock file with one byte for each port. The kernel releases the locks when a process ends.
  // Never closed, because closing any channel on a file releases all locks of the process on it.
  private static @Nullable FileChannel lockFile;

  private final List<FileLock> locks;

  private Ports(List<FileLock> locks) {
    this.locks = locks;
  }

  /** Reserves {@code count} free ports. */
  public static Ports reserve(int count) {
    return take(count, 1);
  }

  /** Reserves {@code count} consecutive free ports. */
  public static Ports contiguous(int count) {
    return take(1, count);
  }

  private static Ports take(int runs, int length) {
    List<FileLock> taken = new ArrayList<>();
    for (int attempt = 0; attempt < ATTEMPTS && taken.size() < runs * length; attempt++) {
      int first = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST - length + 2);
      taken.addAll(takeRun(first, length));
    }
    if (taken.size() < runs * length) {
      release(taken);
      throw new IllegalStateException(
          "no " + runs + " x " + length + " free ports between " + LOWEST + " and " + HIGHEST);
    }
    return new Ports(List.copyOf(taken));
  }

  private static List<FileLock> takeRun(int first, int length) {
    List<FileLock> run = new ArrayList<>();
    for (int port = first; port < first + length; port++) {
      FileLock lock = lock(port);
      if (lock != null) {
        run.add(lock);
      }
      if (lock == null || !isFree(port)) {
        release(run);
        return List.of();
      }
    }
    return run;
  }

  private static synchronized @Nullable FileLock lock(int port) {
    try {
      FileChannel file = lockFile;
      if (file == null) {
        Path path =
            Path.of(
                System.getProperty("java.io.tmpdir"),
                "gatehouse-ports-" + System.getProperty("user.name") + ".lock");
        Files.createDirectories(path.toAbsolutePath().getParent());
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lockFile = file;
      }
      return file.tryLock(port, 1, false);
    } catch (OverlappingFileLockException e) {
      return null; // reserved by this JVM
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void release(List<FileLock> locks) {
    for (FileLock lock : locks) {
      try {
        lock.release();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The port with this index, starting with 0. */
  public int get(int index) {
    return (int) locks.get(index).position();
  }

  /** Releases the ports. */
  @Override
  public void close() {
    release(locks.stream().filter(FileLock::isValid).toList());
  }
}
