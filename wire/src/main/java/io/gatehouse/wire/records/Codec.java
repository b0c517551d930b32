package io.gatehouse.wire.records;

/** Compression codecs of batches, by the lowest three bits of their attributes. */
public enum Codec {
  NONE,
  GZIP,
  SNAPPY,
  LZ4,
  /** Only in batches of magic 2 (KIP-110). */
  ZSTD;

  static final int MASK = 7;

  private static final Codec[] ALL = values();

  /** Whether batches of this magic can have the codec with this number. */
  static boolean exists(int number, int magic) {
    return number < (magic == BatchCursor.MAGIC_2 ? ALL.length : ZSTD.ordinal());
  }

  static Codec of(int attributes) {
    return ALL[attributes & MASK];
  }
}
