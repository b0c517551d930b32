package io.gatehouse.control.store;

/** Keeps resources as long as the process lives. */
final class MemoryStore implements Store {

  private volatile Snapshot current = Snapshot.EMPTY;

  @Override
  public Snapshot current() {
    return current;
  }

  @Override
  public synchronized Snapshot write(Change change) throws StaleException {
    if (current.revision() != change.basedOn()) {
      throw new StaleException(change.basedOn(), current.revision());
    }
    current = current.with(change);
    return current;
  }
}
