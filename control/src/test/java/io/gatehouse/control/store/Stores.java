package io.gatehouse.control.store;

import org.jspecify.annotations.Nullable;

/** Stores for tests of other packages. */
public final class Stores {

  private Stores() {}

  public static Store memory() {
    return new MemoryStore();
  }

  /** A store that is read but takes no change. */
  public static Store unwritable(Store read) {
    return new Store() {
      @Override
      public Snapshots snapshots() {
        return read.snapshots();
      }

      @Override
      public Snapshot write(Change change) throws StoreException {
        throw new StoreException("no change is taken");
      }

      @Override
      public @Nullable StoreStatus status() {
        return null;
      }
    };
  }
}
