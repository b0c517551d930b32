package io.gatehouse.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Stores for tests of other packages. */
public final class Stores {

  private Stores() {}

  public static Store memory() {
    return new MemoryStore();
  }

  /**
   * A store that takes changes of as many bytes as the one in Kafka, and fails when the resources
   * do not fit together after one.
   */
  public static Store ofRecords(Consumer<Snapshot> written) {
    Store store = new MemoryStore();
    return new Store() {
      @Override
      public Snapshots snapshots() {
        return store.snapshots();
      }

      @Override
      public Snapshot write(Change change) throws StoreException, StaleException {
        int bytes = LogRecord.ENVELOPE_BYTES;
        for (Resource put : change.puts()) {
          bytes += LogRecord.put(put).length() + by(change, put.key());
        }
        for (Key key : change.deletes()) {
          bytes += LogRecord.delete(key).length() + by(change, key);
        }
        if (bytes > KafkaStore.MAX_RECORD_BYTES) {
          throw KafkaStore.tooLarge(bytes);
        }
        Snapshot after = store.write(change);
        assertThat(References.problemsAmong(after.all().toList())).isEmpty();
        written.accept(after);
        return after;
      }

      @Override
      public @Nullable StoreStatus status() {
        return null;
      }
    };
  }

  private static int by(Change change, Key key) {
    return LogRecord.by(change.by().get(key)).length() + 2;
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
