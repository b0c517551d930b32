package io.gatehouse.wire.records;

/** How the records of a batch are compressed: the lowest three bits of its attributes. */
public enum Codec {
  NONE,
  GZIP,
  SNAPPY,
  LZ4,
  /** Since KIP-110, and only in batches of magic 2. */
  ZSTD;

  static final int MASK = 7;

  private static final Codec[] ALL = values();

  /** Whether batches of this magic may have the codec with this number. */
  static boolean exists(int number, int magic) {
    return number < (magic == BatchCursor.MAGIC_2 ? ALL.length : ZSTD.ordinal());
  }

  static Codec of(int attributes) {
    return ALL[attributes & MASK];
  }
}
