package io.gatehouse.control.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.store.StoreException.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the changes that wait on this node as one record: each is judged by the resources as they
 * will be after those before it. If another node's record comes first, all are judged again. A
 * judgement is answered only when what it was based on is stored.
 */
final class GroupCommit implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

  private static final int MAX_WAITING = 1000;
  private static final int MAX_GROUP = 200;

  /** A record stays in the log as long as one of its resources needs it, so it should be small. */
  private static final int GROUP_BYTES = 256 << 10;

  /** How long a change may wait and be judged again. */
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  /** As long as patience and one write together, and less than clients of the HTTP API wait. */
  private static final Duration ANSWER = Duration.ofSeconds(25);

  /** How long changes are refused after one could not be written. */
  private static final Duration REFUSAL = Duration.ofSeconds(20);

  private static final int MAX_JITTER_MILLIS = 50;

  private final Snapshots snapshots;
  private final LogWriter writer;
  private final LogReader reader;
  private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(MAX_WAITING);
  private final Thread thread = Thread.ofVirtual().name("store-writer").unstarted(this::run);
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong rejected = new AtomicLong();
  private volatile boolean closed;
  private volatile @Nullable Failure failure;

  /** Why the last record could not be written. */
  private record Failure(String why, long since) {}

  /** A change that waits to be judged and written. */
  private static final class Waiting {
    private final Judge<?> judge;
    private final long since = System.nanoTime();
    private final CompletableFuture<Snapshot> answer = new CompletableFuture<>();

    /** What the last judgement was, if it was a refusal. */
    private @Nullable Throwable refusal;

    private boolean changes;

    Waiting(Judge<?> judge) {
      this.judge = judge;
    }
  }

  GroupCommit(Snapshots snapshots, LogWriter writer, LogReader reader) {
    this.snapshots = snapshots;
    this.writer = writer;
    this.reader = reader;
  }

  void start() {
    thread.start();
  }

  long written() {
    return written.get();
  }

  long rejected() {
    return rejected.get();
  }

  /** Why no change is accepted now, or null. */
  @Nullable String problem() {
    String unread = reader.problem();
    Failure last = failure;
    boolean refuses = last != null && System.nanoTime() - last.since < REFUSAL.toNanos();
    return unread == null && last != null && refuses ? last.why : unread;
  }

  @SuppressWarnings("unchecked") // a refusal is what the judge of this type throws
  <E extends Exception> Snapshot update(Judge<E> judge) throws E, StoreException {
    Waiting waiting = new Waiting(judge);
    if (closed || !queue.offer(waiting)) {
      rejected.incrementAndGet();
      throw new StoreException(
          closed ? "the store is closed" : MAX_WAITING + " changes are waiting already");
    }
    try {
      return waiting.answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StoreException failure) {
        throw failure;
      }
      if (e.getCause() instanceof RuntimeException || e.getCause() instanceof Error) {
        throw new IllegalStateException(e.getCause());
      }
      throw (E) e.getCause();
    } catch (TimeoutException _) {
      throw new StoreException(Outcome.UNKNOWN, "the store did not answer in time");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new StoreException(Outcome.UNKNOWN, "interrupted");
    }
  }

  private void run() {
    List<Waiting> waiting = new ArrayList<>();
    try {
      while (!closed) {
        if (waiting.isEmpty()) {
          waiting.add(queue.take());
        }
        queue.drainTo(waiting, MAX_GROUP - waiting.size());
        waiting = patient(waiting);
        waiting = waiting.isEmpty() ? waiting : commitOrFail(waiting);
      }
    } catch (InterruptedException _) {
      // closed
    } finally {
      queue.drainTo(waiting);
      fail(waiting, new StoreException(Outcome.UNKNOWN, "the store was closed"));
    }
  }

  /** One group must not end the thread that writes all others. */
  private List<Waiting> commitOrFail(List<Waiting> all) throws InterruptedException {
    try {
      return commit(all);
    } catch (RuntimeException | Error e) {
      log.error("Unexpected error while changes were stored", e);
      fail(all, new StoreException(Outcome.UNKNOWN, "unexpected error: " + e));
      return new ArrayList<>();
    }
  }

  /**
   * @return those that wait for the next record
   */
  private List<Waiting> commit(List<Waiting> all) throws InterruptedException {
    String problem = problem();
    if (problem != null) {
      fail(all, new StoreException(problem));
      return new ArrayList<>();
    }
    Snapshot base = snapshots.current();
    Group group = new Group(base);
    int count = 0;
    while (count < all.size() && group.judge(all.get(count))) {
      count++;
    }
    List<Waiting> judged = all.subList(0, count);
    List<Waiting> rest = new ArrayList<>(all.subList(count, all.size()));
    try {
      if (group.isEmpty() ? isLatest(base) : write(group.draft())) {
        answer(judged, base);
        return rest;
      }
    } catch (StoreException e) {
      fail(judged, e);
      return rest;
    }
    Thread.sleep(ThreadLocalRandom.current().nextInt(MAX_JITTER_MILLIS));
    return all;
  }

  /** Those that have not waited for too long; the others are answered. */
  private List<Waiting> patient(List<Waiting> all) {
    Map<Boolean, List<Waiting>> late =
        all.stream()
            .collect(
                Collectors.partitioningBy(
                    one -> System.nanoTime() - one.since > PATIENCE.toNanos()));
    fail(
        late.getOrDefault(true, List.of()),
        new StoreException(
            "it has waited for more than %d s: other changes were first, or the %s is slow"
                .formatted(PATIENCE.toSeconds(), writer)));
    return new ArrayList<>(late.getOrDefault(false, List.of()));
  }

  /** If that fails, changes are refused for a while, so that each is answered at once. */
  private boolean write(LogWriter.Draft draft) throws StoreException, InterruptedException {
    try {
      boolean accepted = writer.write(draft, reader);
      failure = null;
      return accepted;
    } catch (StoreException e) {
      if (e.outcome() != Outcome.TOO_LARGE) {
        failure = new Failure(String.valueOf(e.getMessage()), System.nanoTime());
        log.error("Changes are refused for {} s: {}", REFUSAL.toSeconds(), e.getMessage());
      }
      throw e;
    }
  }

  /** Without a record that could lose to another one, only the log tells that nothing is newer. */
  private boolean isLatest(Snapshot base) throws StoreException, InterruptedException {
    reader.readToEnd();
    return snapshots.current().revision() == base.revision();
  }

  private void answer(List<Waiting> judged, Snapshot base) {
    Snapshot now = snapshots.current();
    for (Waiting one : judged) {
      if (one.refusal != null) {
        one.answer.completeExceptionally(one.refusal);
      } else {
        written.addAndGet(one.changes ? 1 : 0);
        one.answer.complete(one.changes ? now : base);
      }
    }
  }

  private void fail(List<Waiting> all, StoreException why) {
    for (Waiting one : all) {
      rejected.addAndGet(one.answer.completeExceptionally(why) ? 1 : 0);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  /** The changes of one record. */
  private static final class Group {

    private final long basedOn;
    private final Map<Key, String> puts = new LinkedHashMap<>();
    private final Map<Key, String> deletes = new LinkedHashMap<>();
    private final Map<Key, String> by = new HashMap<>();
    private Snapshot after;
    private int bytes = LogRecord.ENVELOPE_BYTES;

    Group(Snapshot base) {
      basedOn = base.revision();
      after = base;
    }

    boolean isEmpty() {
      return puts.isEmpty() && deletes.isEmpty();
    }

    LogWriter.Draft draft() {
      List<String> names = new ArrayList<>();
      puts.keySet().forEach(key -> names.add(by.getOrDefault(key, LogRecord.by(null))));
      deletes.keySet().forEach(key -> names.add(by.getOrDefault(key, LogRecord.by(null))));
      return new LogWriter.Draft(
          basedOn, List.copyOf(puts.values()), List.copyOf(deletes.values()), names);
    }

    /**
     * Judges a change and adds it.
     *
     * @return false if it must wait for the next record
     */
    boolean judge(Waiting one) {
      one.refusal = null;
      one.changes = false;
      try {
        Change change = one.judge.judge(after);
        return change == null || add(one, change);
      } catch (Exception | Error e) {
        one.refusal = e;
        return true;
      }
    }

    private boolean add(Waiting one, Change change) {
      Map<Key, String> documents = new LinkedHashMap<>();
      Map<Key, String> names = new HashMap<>();
      int size = 0;
      for (Resource put : change.puts()) {
        String document = LogRecord.put(put);
        documents.put(put.key(), document);
        size += document.getBytes(UTF_8).length + 1;
        names.put(put.key(), LogRecord.by(change.by().get(put.key())));
      }
      List<Key> deleted =
          change.deletes().stream().filter(key -> !documents.containsKey(key)).toList();
      for (Key key : deleted) {
        size += LogRecord.delete(key).getBytes(UTF_8).length + 1;
        names.put(key, LogRecord.by(change.by().get(key)));
      }
      for (String name : names.values()) {
        size += name.getBytes(UTF_8).length + 1;
      }
      int alone = size + LogRecord.ENVELOPE_BYTES;
      if (alone > KafkaStore.MAX_RECORD_BYTES) {
        one.refusal = KafkaStore.tooLarge(alone);
        return true;
      }
      if (!isEmpty() && bytes + size > GROUP_BYTES) {
        return false;
      }
      bytes += size;
      by.putAll(names);
      deleted.forEach(key -> {
        puts.remove(key);
        deletes.put(key, LogRecord.delete(key));
      });
      documents.forEach((key, document) -> {
        deletes.remove(key);
        puts.put(key, document);
      });
      after = after.with(change);
      one.changes = true;
      return true;
    }
  }
}
