package io.gatehouse.control.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.control.doc.MalformedException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a log on a thread of its own, from the beginning to the end and then each record as it
 * comes, and publishes snapshots. If it was away from the end for so long that compaction may have
 * removed what it needs to judge the rest, it reads from the beginning again.
 */
final class LogReader implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LogReader.class);

  /** Well below the compaction lag, see {@link StateTopic}. */
  private static final Duration MAX_LAG = StateTopic.COMPACTION_LAG.dividedBy(2);

  /** Records end the wait. Each poll costs processor time, also in a gateway that just stands. */
  private static final Duration POLL = LogClients.FETCH_WAIT;

  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(3);
  private static final Duration CHECK_TIMEOUT = Duration.ofSeconds(5);

  /** How long to wait for records that are known to be there. */
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(3);

  /** After this time without an answer, new clients are made: addresses may have changed. */
  private static final Duration NEW_CLIENTS = Duration.ofSeconds(60);

  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration MAX_RETRY = Duration.ofSeconds(10);
  private static final Duration COPY_WAIT = Duration.ofSeconds(5);
  private static final Duration CLOSE = Duration.ofSeconds(2);

  /** How many unreadable records are logged one by one. */
  private static final int LOGGED_UNREADABLE = 100;

  private final KafkaPlace place;
  private final TopicPartition partition;
  private final Snapshots snapshots;
  private final LogCleaner cleaner;
  private final @Nullable LogCopy copy;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("store-reader").unstarted(this::run);
  private final CompletableFuture<Void> loaded = new CompletableFuture<>();

  /** Waiting for the judgement of their own record, by its key. */
  private final Map<String, CompletableFuture<Boolean>> awaited = new ConcurrentHashMap<>();

  private final ReadProgress progress = new ReadProgress();

  private volatile boolean closed;
  private volatile @Nullable String problem;
  private volatile Instant read = Instant.EPOCH;
  private volatile int garbage;
  private volatile @Nullable LogState state;
  private volatile boolean copyInForce;
  private final AtomicLong unreadable = new AtomicLong();
  private volatile @Nullable Consumer<byte[], byte[]> running;
  private volatile @Nullable Admin admin;

  // Used by the thread only.
  private ChangeLog changes = new ChangeLog(Snapshot.EMPTY);
  private final List<Runnable> judged = new ArrayList<>();
  private @Nullable Uuid topicId;
  private long position;
  private int failures;
  private boolean lost; // whether the log was once found to have lost records

  /** The record that was read last, and its unique key: a log without it has lost records. */
  private long lastOffset = -1;

  private String lastKey = "";

  /**
   * @param copy what to start from if the log cannot be read; null for nothing
   */
  LogReader(KafkaPlace place, Snapshots snapshots, LogWriter writer, @Nullable LogCopy copy) {
    this.place = place;
    this.copy = copy;
    this.partition = new TopicPartition(place.topic(), 0);
    this.snapshots = snapshots;
    this.cleaner = new LogCleaner(writer);
    this.problem = "the %s was not read yet".formatted(place);
  }

  void start() {
    thread.start();
  }

  /** See {@link Store#loaded}. */
  CompletableFuture<Void> loaded() {
    return loaded;
  }

  /** What the log said when it was last read; null before. */
  @Nullable LogState state() {
    return state;
  }

  /** Whether the snapshot is the copy's, because the log was not read yet. */
  boolean isCopyInForce() {
    return copyInForce;
  }

  /** Why nothing can be written now, or null. */
  @Nullable String problem() {
    return problem;
  }

  Instant read() {
    return read;
  }

  int garbage() {
    return garbage;
  }

  long unreadable() {
    return unreadable.get();
  }

  /** Completes with whether the change is accepted when the record with this key is read. */
  CompletableFuture<Boolean> expect(String key) {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    awaited.put(key, result);
    return result;
  }

  void forget(String key) {
    awaited.remove(key);
  }

  /**
   * Waits until all that was in the log when this was called is read and published.
   *
   * @throws StoreException when that is not possible now
   */
  void readToEnd() throws StoreException, InterruptedException {
    Admin asked = admin;
    boolean read;
    try {
      read = asked != null && progress.await(end(asked), READ_TIMEOUT);
    } catch (KafkaException e) {
      read = false;
    }
    if (!read) {
      throw new StoreException("the %s was not read to its end in time".formatted(place));
    }
  }

  /**
   * Asks on a connection of its own: on the consumer's, a broker answers only after the fetch that
   * waits for records.
   *
   * @throws KafkaException when the cluster does not answer in time
   */
  private long end(Admin asked) throws InterruptedException {
    try {
      return asked
          .listOffsets(Map.of(partition, OffsetSpec.latest()))
          .partitionResult(partition)
          .get(CHECK_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
          .offset();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException known
          ? known
          : new KafkaException(String.valueOf(e.getCause()), e.getCause());
    } catch (TimeoutException e) {
      throw new org.apache.kafka.common.errors.TimeoutException(
          "no answer within " + CHECK_TIMEOUT.toSeconds() + " seconds", e);
    }
  }

  private void run() {
    while (!closed) {
      try {
        takeCopy();
        readOnce();
      } catch (InterruptException | InterruptedException | WakeupException e) {
        log.debug("the reader of {} ends", place, e);
        return;
      } catch (StoreException e) {
        if (!place.isCopy() && !copyInForce && loaded.completeExceptionally(e)) {
          return;
        }
        failed(String.valueOf(e.getMessage()));
      } catch (TimeoutException | RuntimeException e) {
        failed(reason(e));
      } catch (Error e) { // without this thread, nothing would ever be read again
        log.error("Unexpected error while the {} was read", place, e);
        failed(reason(e));
      }
      try {
        Thread.sleep(backoff());
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private Duration backoff() {
    Duration wait = RETRY.multipliedBy(1L << Math.min(failures, 4));
    return wait.compareTo(MAX_RETRY) < 0 ? wait : MAX_RETRY;
  }

  private String reason(Throwable e) {
    String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return "the %s cannot be read: %s".formatted(place, why);
  }

  private void failed(String why) {
    if (place.isCopy()) {
      log.debug("{}", why); // told by the copy itself
    } else if (failures == 0) {
      log.error("{}{}", why, consequence());
    } else {
      log.warn("{} (attempt {})", why, failures + 1);
    }
    failures++;
    problem = why;
    progress.fail();
    if (copyInForce) {
      loaded.complete(null);
    }
  }

  private String consequence() {
    if (copyInForce) {
      return "; resources are those of its copy, of revision %d, and changes are refused"
          .formatted(snapshots.current().revision());
    }
    return loaded.isDone()
        ? "; what was read before stays in force, and changes are refused"
        : "; waiting for it, because clients cannot be served without it";
  }

  /**
   * Starts from the copy. The log must be the one that was copied and must have all that the copy
   * has: if records were lost, resources must not vanish, and changes must not build on the rest.
   */
  private void takeCopy() throws InterruptedException {
    if (copy == null || state != null) {
      return;
    }
    LogCopy.Copied copied = copy.await(copyInForce ? Duration.ZERO : COPY_WAIT);
    if (copied == null) {
      return;
    }
    long revision = copied.snapshot().revision();
    if (revision > snapshots.current().revision()) {
      topicId = Uuid.fromString(copied.topic());
      position = revision;
      snapshots.publishWhole(copied.snapshot(), !loaded.isDone());
    }
    copyInForce = true;
  }

  private void worksAgain() {
    if (failures > 0) {
      log.info("The {} is read again", place);
    }
    failures = 0;
    problem = null;
  }

  private void readOnce() throws StoreException, TimeoutException, InterruptedException {
    try (Admin asked = LogClients.admin(place)) {
      Uuid id = new StateTopic(asked, place).open(topicId == null);
      if (topicId != null && !topicId.equals(id)) {
        throw lost("it was deleted and created again");
      }
      topicId = id;
      admin = asked;
      // A fetch at the end of the log is answered late, and what is read next has to wait for it.
      read(Duration.ZERO, consumer -> load(consumer, asked));
      read(
          LogClients.FETCH_WAIT,
          consumer -> {
            consumer.seek(partition, position);
            follow(consumer, asked);
          });
    } finally {
      admin = null;
    }
  }

  private interface Reading {
    void by(Consumer<byte[], byte[]> consumer)
        throws StoreException, TimeoutException, InterruptedException;
  }

  /** Reads with a consumer of its own whose fetches wait so long for records. */
  private void read(Duration wait, Reading reading)
      throws StoreException, TimeoutException, InterruptedException {
    Consumer<byte[], byte[]> consumer = LogClients.consumer(place, wait);
    running = consumer;
    try {
      consumer.assign(List.of(partition));
      reading.by(consumer);
    } finally {
      running = null;
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  /**
   * What was lost is not forgotten when the log has grown again: resources in force are newer than
   * those in it, and changes must not build on them.
   */
  private StoreException lost(String how) {
    lost = true;
    return new StoreException(
        "the %s has lost records: %s. This node still has the resources of revision %d: export them before it is restarted%s"
            .formatted(
                place,
                how,
                snapshots.current().revision(),
                copy == null
                    ? ""
                    : ", delete the %s, restart all nodes and import them".formatted(copy)));
  }

  private long checkedEnd(Admin asked) throws StoreException, InterruptedException {
    long end = end(asked);
    if (end < position) {
      throw lost("it ends at offset %d, but was read to %d".formatted(end, position));
    }
    return end;
  }

  /** Reads from the beginning to the end: first what was removed, then the rest in order. */
  private void load(Consumer<byte[], byte[]> consumer, Admin asked)
      throws StoreException, TimeoutException, InterruptedException {
    long begun = System.nanoTime();
    long end = checkedEnd(asked);
    long first =
        Objects.requireNonNull(
            consumer.beginningOffsets(List.of(partition), CHECK_TIMEOUT).get(partition));
    if (first > 0) {
      throw new StoreException(
          "the %s has lost records: it begins at offset %d, and compaction does not do that. Choose another topic, and import what was exported before"
              .formatted(place, first));
    }
    Set<String> removed = new HashSet<>();
    List<String> atLast = new ArrayList<>();
    scan(
        consumer,
        end,
        record -> {
          if (record.offset() == lastOffset) {
            atLast.add(key(record));
          }
          if (record.value() == null && record.offset() < end) {
            removed.add(key(record));
          }
        });
    // If nothing was ever missing, compaction has removed it.
    boolean found = (atLast.isEmpty() || copyInForce) ? !lost : atLast.contains(lastKey);
    if (!found) {
      throw lost("its records are not those that were read or copied before");
    }
    lost = false;
    changes = new ChangeLog(snapshots.current());
    unreadable.set(0);
    cleaner.restart();
    scan(
        consumer,
        end,
        record -> {
          boolean skipped =
              record.offset() < end && (record.value() == null || removed.contains(key(record)));
          if (!skipped) {
            apply(record);
          }
        });
    if (System.nanoTime() - begun > MAX_LAG.toNanos()) {
      throw new TimeoutException("reading it took longer than " + MAX_LAG.toMinutes() + " minutes");
    }
    if (changes.revision() < snapshots.current().revision()) {
      throw lost("its revision is %d".formatted(changes.revision()));
    }
    copyInForce = false;
    publish();
    progress.reached(position);
    worksAgain();
    read = Instant.now();
    if (loaded.complete(null)) {
      log.info(
          "Read the {}: revision {} with {} resources",
          place,
          changes.revision(),
          snapshots.current().all().count());
    }
  }

  private interface Visitor {
    void visit(ConsumerRecord<byte[], byte[]> record);
  }

  private void scan(Consumer<byte[], byte[]> consumer, long end, Visitor visitor)
      throws TimeoutException {
    consumer.seekToBeginning(List.of(partition));
    long next = consumer.position(partition);
    long readAt = System.nanoTime();
    while (next < end) {
      consumer.poll(POLL).forEach(visitor::visit);
      long now = consumer.position(partition);
      if (now > next) {
        readAt = System.nanoTime();
      } else if (System.nanoTime() - readAt > NEW_CLIENTS.toNanos()) {
        throw new TimeoutException("the cluster does not answer");
      }
      next = now;
    }
    position = Math.max(position, next);
  }

  private void follow(Consumer<byte[], byte[]> consumer, Admin asked)
      throws StoreException, TimeoutException, InterruptedException {
    long checkedAt = System.nanoTime();
    long checkedEnd = position;
    long atEnd = checkedAt;
    long answeredAt = checkedAt;
    while (!closed) {
      consumer.poll(POLL).forEach(this::apply);
      position = consumer.position(partition);
      publish();
      progress.reached(position);
      long now = System.nanoTime();
      if (now - checkedAt > CHECK_INTERVAL.toNanos()) {
        try {
          checkedEnd = checkedEnd(asked);
          answeredAt = now;
          read = position >= checkedEnd ? Instant.now() : read;
          worksAgain();
        } catch (org.apache.kafka.common.errors.TimeoutException e) {
          if (problem == null) {
            failed(reason(e));
          }
        }
        checkedAt = now;
      }
      if (problem == null) {
        cleaner.clean(changes, position);
      }
      if (position >= checkedEnd) {
        atEnd = checkedAt;
      }
      if (now - answeredAt > NEW_CLIENTS.toNanos()) {
        throw new TimeoutException("the cluster does not answer");
      }
      if (now - atEnd > MAX_LAG.toNanos()) {
        return;
      }
    }
  }

  private static String key(ConsumerRecord<byte[], byte[]> record) {
    return record.key() == null ? "" : new String(record.key(), UTF_8);
  }

  private void apply(ConsumerRecord<byte[], byte[]> record) {
    String key = key(record);
    if (record.offset() > lastOffset) { // not while all is read again
      lastOffset = record.offset();
      lastKey = key;
    }
    if (record.value() == null) {
      changes.remove(key);
      cleaner.removed(key);
      return;
    }
    try {
      LogRecord change = LogRecord.decode(record.value());
      if (!change.problems().isEmpty()) {
        unreadable(record.offset(), String.join("; ", change.problems()));
      }
      boolean accepted = changes.append(record.offset(), key, change);
      CompletableFuture<Boolean> own = awaited.remove(key);
      if (own != null) {
        judged.add(() -> own.complete(accepted));
      }
    } catch (MalformedException e) {
      unreadable(record.offset(), String.valueOf(e.getMessage()));
    }
  }

  private void unreadable(long offset, String why) {
    if (unreadable.incrementAndGet() <= LOGGED_UNREADABLE) {
      log.warn("The record at offset {} of the {} is kept and not used: {}", offset, place, why);
    }
  }

  /** Own changes are answered after their snapshot is there. */
  private void publish() {
    LogState before = state;
    boolean changed = changes.revision() > snapshots.current().revision();
    if (before == null || changed || before.unreadable() != changes.hasUnreadable()) {
      Snapshot next = before == null || changed ? changes.snapshot() : before.snapshot();
      String topic = String.valueOf(topicId);
      state = new LogState(topic, next, changes.origin(), changes.hasUnreadable());
      if (changed) {
        snapshots.publish(next, changes.takeChanged(), place.isCopy() || !loaded.isDone());
      }
    }
    garbage = changes.garbage();
    judged.forEach(Runnable::run);
    judged.clear();
  }

  @Override
  public void close() {
    closed = true;
    Consumer<byte[], byte[]> consumer = running;
    if (consumer != null) {
      consumer.wakeup();
    }
    thread.interrupt();
    try {
      if (!thread.join(CLOSE)) {
        log.warn("The reader of the {} does not end", place);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
