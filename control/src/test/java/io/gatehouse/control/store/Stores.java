package io.gatehouse.control.store;

/** Stores for tests of other packages. */
public final class Stores {

  private Stores() {}

  public static Store memory() {
    return new MemoryStore();
  }
}
