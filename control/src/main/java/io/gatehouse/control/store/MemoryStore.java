package io.gatehouse.control.store;

import org.jspecify.annotations.Nullable;

/** Keeps resources as long as the process lives. */
final class MemoryStore implements Store {

  private final Snapshots snapshots = new Snapshots(Snapshot.EMPTY);

  @Override
  public Snapshots snapshots() {
    return snapshots;
  }

  @Override
  public synchronized Snapshot write(Change change) throws StaleException {
    Snapshot before = current();
    if (before.revision() != change.basedOn()) {
      throw new StaleException(change.basedOn(), before.revision());
    }
    Snapshot after = before.with(change);
    snapshots.publish(after, change.changed(), /* first= */ false);
    return after;
  }

  @Override
  public @Nullable StoreStatus status() {
    return null;
  }
}
