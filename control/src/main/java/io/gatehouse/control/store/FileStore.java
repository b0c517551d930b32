package io.gatehouse.control.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps resources in one file. Another process may write it too, for example during a takeover.
 * Writers lock each other out. Changes of another process are read before each write, and within a
 * second otherwise.
 */
final class FileStore implements Store {

  private static final Logger log = LoggerFactory.getLogger(FileStore.class);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(500);
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration LOCK_RETRY = Duration.ofMillis(5);

  private final StateFile file;
  private final Duration lockTimeout;
  private final Thread watch;
  private StateFile.Stamp seen;
  private final Snapshots snapshots;
  private volatile Instant read = Instant.now();
  private volatile @Nullable String problem;

  FileStore(StateFile file, Duration lockTimeout) throws StoreException {
    this.file = file;
    this.lockTimeout = lockTimeout;
    StateFile.Contents contents = file.read();
    this.seen = contents.stamp();
    // Later than the revisions of the process before, so that no watch goes on from one of these.
    this.snapshots = new Snapshots(new Snapshot(System.currentTimeMillis(), contents.resources()));
    this.watch = Thread.ofVirtual().name("store-file").unstarted(this::watch);
  }

  /**
   * @throws IllegalArgumentException when the file is broken, with a message for the user
   */
  static FileStore open(Path path) {
    try {
      FileStore store = new FileStore(new StateFile(path), LOCK_TIMEOUT);
      store.watch.start();
      return store;
    } catch (StoreException e) {
      throw new IllegalArgumentException("admin.store: " + e.getMessage(), e);
    }
  }

  /**
   * @throws IllegalArgumentException as {@link #open}
   */
  static void check(Path path) {
    try {
      new FileStore(new StateFile(path), LOCK_TIMEOUT);
    } catch (StoreException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  public Snapshots snapshots() {
    return snapshots;
  }

  @Override
  public StoreStatus status() {
    String path = file.path().toString();
    return problem == null
        ? StoreStatus.ok(path)
        : new StoreStatus(path, problem, read, StoreStatus.Counts.NONE, null);
  }

  @Override
  public synchronized Snapshot write(Change change) throws StaleException, StoreException {
    try (FileChannel channel = file.openLock();
        FileLock _ = lock(channel)) {
      readOthers();
      Snapshot before = current();
      if (before.revision() != change.basedOn()) {
        throw new StaleException(change.basedOn(), before.revision());
      }
      Snapshot after = before.with(change);
      seen = file.write(after);
      snapshots.publish(after, change.changed(), /* first= */ false);
      return after;
    } catch (IOException e) {
      throw new StoreException(file.lock() + " cannot be locked: " + StateFile.reason(e), e);
    } catch (OverlappingFileLockException e) {
      throw new StoreException(file.path() + " is written by this process already", e);
    }
  }

  /**
   * @throws StoreException when another process does not release the lock in time
   */
  private FileLock lock(FileChannel channel) throws IOException, StoreException {
    long end = System.nanoTime() + lockTimeout.toNanos();
    while (true) {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return lock;
      }
      if (System.nanoTime() > end) {
        throw new StoreException(
            "another process has locked %s for more than %d ms"
                .formatted(file.lock(), lockTimeout.toMillis()));
      }
      LockSupport.parkNanos(LOCK_RETRY.toNanos());
    }
  }

  /** Reads the file again if another process, or a person, has changed it. */
  private synchronized void readOthers() throws StoreException {
    try {
      readIfChanged();
      problem = null;
      read = Instant.now();
    } catch (StoreException e) {
      // What is wrong with a file may name its values, and the status is for everybody.
      problem =
          "%s cannot be used, so changes are refused: the gateway's log has the reason"
              .formatted(file.path());
      throw e;
    }
  }

  private void readIfChanged() throws StoreException {
    if (file.stamp().equals(seen)) {
      return;
    }
    StateFile.Contents contents = file.read();
    if (contents.stamp().size() <= 0 && current().all().findAny().isPresent()) {
      // An unmounted volume or a truncated file must not revive revoked tokens.
      throw new StoreException(file.path() + " is missing or empty, and was not before");
    }
    seen = contents.stamp();
    snapshots.publishWhole(
        new Snapshot(current().revision() + 1, contents.resources()), /* first= */ false);
    log.info("{} was changed by another process and read again", file.path());
  }

  private void watch() {
    StateFile.Stamp broken = null;
    String lastError = "";
    while (true) {
      try {
        Thread.sleep(POLL_INTERVAL);
        synchronized (this) {
          StateFile.Stamp now = file.stamp();
          if (now.equals(broken)) {
            continue;
          }
          broken = now;
          readOthers();
          broken = null;
          lastError = "";
        }
      } catch (InterruptedException e) {
        return;
      } catch (StoreException e) {
        if (!String.valueOf(e.getMessage()).equals(lastError)) {
          lastError = String.valueOf(e.getMessage());
          log.error("The resources stay as they were: {}", lastError);
        }
      } catch (RuntimeException | Error e) {
        log.error("The file of resources cannot be read; the resources stay as they were", e);
      }
    }
  }

  @Override
  public void close() {
    watch.interrupt();
  }
}
