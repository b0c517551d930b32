package io.gatehouse.control.store;

import io.gatehouse.control.store.StoreException.Outcome;
import java.util.concurrent.CompletableFuture;

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

  private KafkaStore(KafkaPlace place) {
    this.place = place;
    this.writer = new LogWriter(place);
    this.reader = new LogReader(place, snapshots, writer);
    this.commits = new GroupCommit(snapshots, writer, reader);
  }

  /** Begins to read. Does not wait; see {@link #loaded}. */
  public static KafkaStore open(KafkaPlace place) {
    KafkaStore store = new KafkaStore(place);
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
        reader.problem(),
        reader.read(),
        new StoreStatus.Counts(
            commits.written(), commits.rejected(), reader.garbage(), reader.unreadable()));
  }

  @Override
  public void close() {
    commits.close();
    writer.close();
    reader.close();
  }

  static StoreException tooLarge(int bytes) {
    return new StoreException(
        Outcome.TOO_LARGE,
        "The change has %d bytes, but the store takes at most %d in one change: make it in several."
            .formatted(bytes, MAX_RECORD_BYTES));
  }
}
