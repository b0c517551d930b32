package io.gatehouse.control.store;

import io.gatehouse.control.store.StoreException.Outcome;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keeps resources in a compacted topic with one partition, which any number of nodes read and
 * write. {@link ChangeLog} has the rule by which they agree.
 */
public final class KafkaStore implements Store {

  /** Brokers take records of 1 MiB by default. */
  static final int MAX_RECORD_BYTES = 1_000_000;

  private final KafkaPlace place;
  private final Snapshots snapshots = new Snapshots(Snapshot.EMPTY);
  private final LogWriter writer;
  private final LogReader reader;
  private final GroupCommit commits;
  private final @Nullable LogCopy copy;

  private KafkaStore(KafkaPlace place, @Nullable String copyTo) {
    this.place = place;
    this.writer = new LogWriter(place);
    this.copy = copyTo == null ? null : new LogCopy(place.copy(copyTo));
    this.reader = new LogReader(place, snapshots, writer, copy);
    this.commits = new GroupCommit(snapshots, writer, reader);
  }

  /**
   * Begins to read. Does not wait; see {@link #loaded}.
   *
   * @param copyTo the cluster that has a copy, from which resources are read if the cluster does
   *     not respond at the start; null for none
   */
  public static KafkaStore open(KafkaPlace place, @Nullable String copyTo) {
    KafkaStore store = new KafkaStore(place, copyTo);
    LogCopy copy = store.copy;
    if (copy != null) {
      copy.start(store.reader, store.snapshots);
    }
    store.reader.start();
    store.commits.start();
    return store;
  }

  @Override
  public Snapshots snapshots() {
    return snapshots;
  }

  @Override
  public CompletableFuture<Void> loaded() {
    return reader.loaded();
  }

  @Override
  public Snapshot write(Change change) throws StaleException, StoreException {
    return update(now -> {
      if (now.revision() != change.basedOn()) {
        throw new StaleException(change.basedOn(), now.revision());
      }
      return change;
    });
  }

  @Override
  public <E extends Exception> Snapshot update(Judge<E> judge) throws E, StoreException {
    return commits.update(judge);
  }

  @Override
  public StoreStatus status() {
    return new StoreStatus(
        place.toString(),
        commits.problem(),
        reader.read(),
        new StoreStatus.Counts(
            commits.written(), commits.rejected(), reader.garbage(), reader.unreadable()),
        copy == null ? null : copy.status(reader.isCopyInForce()));
  }

  @Override
  public void close() {
    commits.close();
    writer.close();
    reader.close();
    if (copy != null) {
      copy.close();
    }
  }

  static StoreException tooLarge(int bytes) {
    return new StoreException(
        Outcome.TOO_LARGE,
        "The change has %d bytes, but the store takes at most %d in one change: make it in several."
            .formatted(bytes, MAX_RECORD_BYTES));
  }
}
