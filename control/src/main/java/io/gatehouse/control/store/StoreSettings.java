package io.gatehouse.control.store;

import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import java.nio.file.Path;

/** Settings of a store. Equal settings share one store. */
public sealed interface StoreSettings extends Source<Store> {

  /** Keeps resources in memory, until the process ends. */
  record Memory() implements StoreSettings {
    @Override
    public Store open(Leases parts) {
      return new MemoryStore();
    }
  }

  /** One YAML file. */
  record File(Path path) implements StoreSettings {
    @Override
    public Store open(Leases parts) {
      return FileStore.open(path);
    }

    @Override
    public void check() {
      FileStore.check(path);
    }
  }
}
