package io.gatehouse.control.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.store.LogRecord.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of the resources of a log in another cluster, for nodes that start while the log cannot be
 * read. It is a log itself. All nodes watch whether it follows, and the first to find it behind
 * writes what is missing as a change that names the revision it leads to. If several nodes do so at
 * once, the rule of {@link ChangeLog} lets one of them win.
 */
final class LogCopy implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LogCopy.class);

  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

  /** Nodes wait for different times, so that mostly one of them writes. */
  private static final int MAX_JITTER_MILLIS = 500;

  /** A record stays in the log as long as one of its resources needs it, so it should be small. */
  private static final int RECORD_BYTES = 256 << 10;

  private final KafkaPlace place;
  private final Snapshots snapshots = new Snapshots(Snapshot.EMPTY);
  private final LogWriter writer;
  private final LogReader reader;
  private volatile @Nullable String problem;
  private volatile boolean closed;
  private volatile @Nullable Thread thread;

  /** Whether the problem is in the log. Used by the thread only. */
  private boolean told;

  /**
   * What a node can start from.
   *
   * @param topic id of the topic that was copied
   * @param snapshot has the revision that was copied
   */
  record Copied(String topic, Snapshot snapshot) {}

  LogCopy(KafkaPlace place) {
    this.place = place;
    writer = new LogWriter(place);
    reader = new LogReader(place, snapshots, writer, null);
    problem = "the %s was not read yet".formatted(place);
  }

  /**
   * Begins to read the copy, and to let it follow.
   *
   * @param source the log
   * @param sourceSnapshots what the source publishes
   */
  void start(LogReader source, Snapshots sourceSnapshots) {
    reader.start();
    thread = Thread.ofVirtual().name("store-copy").start(() -> run(source, sourceSnapshots));
  }

  /**
   * Waits until the copy was read.
   *
   * @return null if there is none, if it is incomplete, or if it cannot be read in time
   */
  @Nullable Copied await(Duration most) throws InterruptedException {
    try {
      reader.loaded().get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return null;
    }
    LogState copy = reader.state();
    Origin origin = copy == null ? null : copy.origin();
    return copy == null || origin == null || !origin.complete()
        ? null
        : new Copied(origin.topic(), copy.snapshot().at(origin.revision()));
  }

  StoreStatus.Copy status(boolean inForce) {
    LogState copy = reader.state();
    Origin origin = copy == null ? null : copy.origin();
    long revision = origin == null || !origin.complete() ? -1 : origin.revision();
    return new StoreStatus.Copy(place.toString(), problem, revision, inForce);
  }

  private void run(LogReader source, Snapshots sourceSnapshots) {
    long seen = -1;
    try {
      while (!closed) {
        sourceSnapshots.await(seen + 1, CHECK_INTERVAL);
        seen = sourceSnapshots.current().revision();
        report(follow(source));
      }
    } catch (InterruptedException _) {
      // closed
    }
  }

  private void report(@Nullable String now) {
    String before = problem;
    problem = now;
    if (now == null && before != null) {
      log.info("The {} follows", place);
      told = false;
    } else if (now != null && !told && !now.equals(before)) {
      log.warn("The copy of the resources does not follow: {}", now);
      told = true;
    }
  }

  /**
   * Copies what is missing.
   *
   * @return why that is not possible, or null
   */
  private @Nullable String follow(LogReader source) throws InterruptedException {
    try {
      while (!closed && isBehind(source)) {
        Thread.sleep(ThreadLocalRandom.current().nextInt(MAX_JITTER_MILLIS));
        LogState from = source.state();
        LogState copy = reader.state();
        if (from != null && copy != null && isBehind(source)) {
          writer.write(missing(from, copy), reader);
        }
      }
      return null;
    } catch (StoreException e) {
      return e.getMessage();
    } catch (RuntimeException | Error e) { // it is tried again
      return "unexpected error: " + e;
    }
  }

  private boolean isBehind(LogReader source) throws StoreException {
    LogState copy = reader.state();
    String unread = reader.problem();
    if (copy == null || unread != null) {
      throw new StoreException(
          unread == null ? "the %s was not read yet".formatted(place) : unread);
    }
    LogState from = source.state();
    if (from == null || source.problem() != null) {
      return false; // there is nothing to copy
    }
    Origin origin = copy.origin();
    if (origin != null && !origin.topic().equals(from.topic()) && origin.revision() > 0) {
      throw new StoreException(
          "the %s is the copy of another topic, with %d resources, and is not overwritten. If resources are missing, restart a node, which then uses it, and export them. Then delete it, restart all nodes and import them"
              .formatted(place, copy.snapshot().all().count()));
    }
    if (from.unreadable()) {
      throw new StoreException(
          "there are resources that this version cannot read: only nodes of a newer version write the %s"
              .formatted(place));
    }
    long revision = from.snapshot().revision();
    return origin == null
        || !origin.topic().equals(from.topic())
        || origin.revision() < revision
        || (origin.revision() == revision && !origin.complete());
  }

  /** A record with what the copy lacks, or the first part of it; deletions come first. */
  private static LogWriter.Draft missing(LogState from, LogState copy) {
    List<String> deletes = new ArrayList<>();
    List<String> puts = new ArrayList<>();
    int bytes = 0;
    boolean complete = true;
    for (Resource resource : copy.snapshot().all().toList()) {
      if (from.snapshot().get(resource.key()) == null) {
        String document = LogRecord.delete(resource.key());
        bytes += document.getBytes(UTF_8).length + 1;
        complete = complete && bytes <= RECORD_BYTES;
        if (complete) {
          deletes.add(document);
        }
      }
    }
    for (Resource resource : from.snapshot().all().toList()) {
      String document = complete ? changed(resource, copy.snapshot()) : null;
      if (document != null) {
        bytes += document.getBytes(UTF_8).length + 1;
        complete = bytes <= RECORD_BYTES || (deletes.isEmpty() && puts.isEmpty());
        if (complete) {
          puts.add(document);
        }
      }
    }
    return new LogWriter.Draft(
        copy.snapshot().revision(),
        puts,
        deletes,
        List.of(),
        new Origin(from.topic(), from.snapshot().revision(), complete));
  }

  /** The document of a resource that the copy lacks or has differently, or null. */
  private static @Nullable String changed(Resource resource, Snapshot copy) {
    Resource copied = copy.get(resource.key());
    if (resource.equals(copied)) {
      return null;
    }
    String document = LogRecord.put(resource);
    return copied != null && document.equals(LogRecord.put(copied)) ? null : document;
  }

  @Override
  public void close() {
    closed = true;
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
    writer.close();
    reader.close();
  }

  @Override
  public String toString() {
    return place.toString();
  }
}
