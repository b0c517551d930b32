package io.gatehouse.wire.records;

import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * Goes through the batches of a record set and reads their headers, without a copy and without
 * decompressing anything:
 *
 * <pre>{@code
 * for (BatchCursor b = BatchCursor.of(recordSet); b.next(); ) {
 *   log(b.baseOffset(), b.codec(), b.recordCount());
 *   for (RecordCursor r = b.records(MAX_DECOMPRESSED_BYTES); r.next(); ) {
 *     log(r.offset(), r.key(), r.value());
 *   }
 * }
 * }</pre>
 *
 * <p>A batch is one of magic 2, or a message of magic 0 or 1, which in turn may hold compressed
 * messages. A broker may cut the last batch of a Fetch response short (KIP-74): the loop then ends
 * before it, and {@link #partialBytes} is not 0. A Produce request may not.
 *
 * <p>The buffer is looked at, by index, and must stay as it is meanwhile. The positions that a
 * {@link MalformedMessage} names are indices of it; the cursor is of no use after one.
 */
public final class BatchCursor {

  /** The number for "none" in offsets, timestamps, producer ids, epochs and sequences. */
  public static final int NONE = -1;

  static final int MAGIC_2 = 2;

  // Where fields stand in a batch. These are the same in every format:
  static final int SIZE = 8;
  static final int BEHIND_SIZE = 12;
  static final int MAGIC = 16;
  private static final int BEHIND_MAGIC = 17;

  // In magic 2:
  private static final int LEADER_EPOCH = 12;
  static final int CRC = 17;
  static final int ATTRIBUTES = 21;
  static final int LAST_OFFSET_DELTA = 23;
  static final int BASE_TIMESTAMP = 27;
  static final int MAX_TIMESTAMP = 35;
  private static final int PRODUCER_ID = 43;
  private static final int PRODUCER_EPOCH = 51;
  private static final int BASE_SEQUENCE = 53;
  static final int RECORD_COUNT = 57;
  static final int RECORDS = 61;
  private static final int SMALLEST_RECORD = 7;

  // In magic 0 and 1:
  static final int OLD_CRC = 12;
  static final int OLD_ATTRIBUTES = 17;
  private static final int OLD_TIMESTAMP = 18;
  private static final int KEY_IN_MAGIC_0 = 18;
  private static final int KEY_IN_MAGIC_1 = 26;

  static final int LOG_APPEND_TIME = 1 << 3;
  private static final int TRANSACTIONAL = 1 << 4;
  private static final int CONTROL = 1 << 5;
  private static final int DELETE_HORIZON = 1 << 6;

  private final ByteBuf in;
  private final int end;
  private int start;
  private int size;
  private int magic;
  private int attributes;

  private BatchCursor(ByteBuf in) {
    this.in = in;
    this.start = in.readerIndex();
    this.end = in.writerIndex();
  }

  /** Begins before the first batch of the buffer's readable bytes. */
  public static BatchCursor of(ByteBuf recordSet) {
    return new BatchCursor(recordSet);
  }

  /**
   * Steps to the next batch; false when no whole one is left.
   *
   * @throws MalformedMessage if it contradicts itself in its header
   */
  public boolean next() {
    start += size;
    size = 0;
    int whole = partialSize();
    if (whole == 0 || whole > end - start) {
      return false;
    }
    size = whole;
    attributes =
        magic == MAGIC_2 ? in.getShort(start + ATTRIBUTES) : in.getByte(start + OLD_ATTRIBUTES);
    if (!Codec.exists(attributes & Codec.MASK, magic)) {
      throw malformed(
          "a batch of magic " + magic + " with codec " + (attributes & Codec.MASK),
          magic == MAGIC_2 ? ATTRIBUTES : OLD_ATTRIBUTES);
    }
    if (magic == MAGIC_2) {
      checkHeader();
    }
    return true;
  }

  private void checkHeader() {
    int delta = in.getInt(start + LAST_OFFSET_DELTA);
    if (delta < 0 || baseOffset() > Long.MAX_VALUE - delta) {
      throw malformed(
          "a batch from offset " + baseOffset() + " to the " + delta + "th behind",
          LAST_OFFSET_DELTA);
    }
    int count = recordCount();
    if (count < 0
        || (codec() == Codec.NONE && (long) count * SMALLEST_RECORD > size - RECORDS)
        || count > delta + 1L) {
      throw malformed(
          "a batch of "
              + count
              + " records in "
              + (size - RECORDS)
              + " bytes, with offsets up to the "
              + delta
              + "th behind its first",
          RECORD_COUNT);
    }
  }

  /** Bytes behind the last whole batch, once {@link #next} was false: the beginning of another. */
  public int partialBytes() {
    return end - start - size;
  }

  /**
   * Bytes that the batch has whose beginning stands behind the last whole one, once {@link #next}
   * was false; 0 if not even that can be told.
   */
  public int partialSize() {
    int left = end - start;
    if (left < BEHIND_SIZE) {
      return 0;
    }
    int rest = in.getInt(start + SIZE);
    if (rest < BEHIND_MAGIC - BEHIND_SIZE || rest > Integer.MAX_VALUE - BEHIND_SIZE) {
      throw malformed("a batch of " + rest + " bytes", SIZE);
    }
    if (left < BEHIND_MAGIC) {
      return BEHIND_SIZE + rest;
    }
    magic = in.getByte(start + MAGIC);
    if (magic < 0 || magic > MAGIC_2) {
      throw malformed("a batch of magic " + magic, MAGIC);
    }
    int smallest = magic == MAGIC_2 ? RECORDS : keyAt() + 8;
    if (rest < smallest - BEHIND_SIZE) {
      throw malformed("a batch of magic " + magic + " in " + rest + " bytes", SIZE);
    }
    return BEHIND_SIZE + rest;
  }

  /** Index of the batch's first byte in the buffer. */
  public int start() {
    return start;
  }

  /** Bytes of the batch, its header included. */
  public int size() {
    return size;
  }

  /** The batch as it stands in the buffer: a slice, not retained. */
  public ByteBuf bytes() {
    return in.slice(start, size);
  }

  /** The format: 0, 1 or 2. */
  public int magic() {
    return magic;
  }

  public Codec codec() {
    return Codec.of(attributes);
  }

  /** Whether the broker's clock stamped the records, all with {@link #maxTimestamp}. */
  public boolean logAppendTime() {
    return magic > 0 && (attributes & LOG_APPEND_TIME) != 0;
  }

  public boolean transactional() {
    return magic == MAGIC_2 && (attributes & TRANSACTIONAL) != 0;
  }

  /** Whether the records are marks of the broker's own (KIP-98), which no consumer gets to see. */
  public boolean control() {
    return magic == MAGIC_2 && (attributes & CONTROL) != 0;
  }

  /**
   * Whether {@link #baseTimestamp} is also when the batch's tombstones and marks may go (KIP-534).
   */
  public boolean hasDeleteHorizon() {
    return magic == MAGIC_2 && (attributes & DELETE_HORIZON) != 0;
  }

  /**
   * Offset that the batch begins with, though compaction may have taken its record; {@link #NONE}
   * where only decompressing can tell, in compressed batches of magic 0 and 1.
   */
  public long baseOffset() {
    return magic == MAGIC_2 || codec() == Codec.NONE ? in.getLong(start) : NONE;
  }

  /** Offset that the batch ends with. */
  public long lastOffset() {
    long offset = in.getLong(start);
    return magic == MAGIC_2 ? offset + in.getInt(start + LAST_OFFSET_DELTA) : offset;
  }

  /**
   * How many records the header says; {@link #NONE} where only decompressing can tell, in
   * compressed batches of magic 0 and 1.
   */
  public int recordCount() {
    if (magic == MAGIC_2) {
      return in.getInt(start + RECORD_COUNT);
    }
    return codec() == Codec.NONE ? 1 : NONE;
  }

  /** What timestamps are counted from, in ms since 1970; {@link #NONE} before magic 2. */
  public long baseTimestamp() {
    return magic == MAGIC_2 ? in.getLong(start + BASE_TIMESTAMP) : NONE;
  }

  /** The latest timestamp, in ms since 1970; {@link #NONE} in magic 0. */
  public long maxTimestamp() {
    return switch (magic) {
      case 0 -> NONE;
      case 1 -> in.getLong(start + OLD_TIMESTAMP);
      default -> in.getLong(start + MAX_TIMESTAMP);
    };
  }

  /** The leader epoch of the broker that appended the batch; {@link #NONE} before magic 2. */
  public int leaderEpoch() {
    return magic == MAGIC_2 ? in.getInt(start + LEADER_EPOCH) : NONE;
  }

  /** {@link #NONE} unless the producer is idempotent. */
  public long producerId() {
    return magic == MAGIC_2 ? in.getLong(start + PRODUCER_ID) : NONE;
  }

  /** {@link #NONE} unless the producer is idempotent. */
  public int producerEpoch() {
    return magic == MAGIC_2 ? in.getShort(start + PRODUCER_EPOCH) : NONE;
  }

  /** The first record's number among its producer's; {@link #NONE} if they are not numbered. */
  public int baseSequence() {
    return magic == MAGIC_2 ? in.getInt(start + BASE_SEQUENCE) : NONE;
  }

  /**
   * Reads every byte of the batch for its checksum.
   *
   * @throws MalformedMessage if the batch says another one
   */
  public void checkCrc() {
    if (magic != MAGIC_2) {
      checkOldCrc(new ByteReader(in, start, start + size, ByteReader.AS_RECEIVED), start, size);
      return;
    }
    int actual = crc(new CRC32C(), in, start + ATTRIBUTES, size - ATTRIBUTES);
    if (actual != in.getInt(start + CRC)) {
      throw malformed("a batch with a wrong checksum", CRC);
    }
  }

  /** The same for a message of magic 0 or 1, which may stand in another one. */
  static void checkOldCrc(ByteReader reader, int start, int size) {
    int actual = crc(new CRC32(), reader.bytes, start + MAGIC, size - MAGIC);
    if (actual != reader.bytes.getInt(start + OLD_CRC)) {
      reader.at = start + OLD_CRC;
      throw reader.malformed("a message with a wrong checksum");
    }
  }

  static int crc(Checksum sum, ByteBuf bytes, int from, int count) {
    for (ByteBuffer part : bytes.nioBuffers(from, count)) {
      sum.update(part);
    }
    return (int) sum.getValue();
  }

  /**
   * Begins before the first record of the batch. A compressed batch is decompressed here and now,
   * into memory of the Java heap that nobody needs to release.
   *
   * @param maxBytes how many bytes it may decompress to, and so how much memory they take; the
   *     codec's own comes beside it while this runs: one LZ4 block (4 MiB at most, never more than
   *     the bound), or the window of zstd, whose pages are touched only as far as bytes are
   *     decompressed
   * @throws MalformedMessage if the batch cannot be decompressed, or to more bytes than that
   */
  public RecordCursor records(int maxBytes) {
    return new RecordCursor(this, reader(maxBytes));
  }

  private ByteReader reader(int maxBytes) {
    if (codec() == Codec.NONE) {
      int from = magic == MAGIC_2 ? start + RECORDS : start;
      return new ByteReader(in, from, start + size, ByteReader.AS_RECEIVED);
    }
    int from = start + RECORDS;
    if (magic != MAGIC_2) {
      ByteReader message = new ByteReader(in, start, start + size, ByteReader.AS_RECEIVED);
      message.at += keyAt();
      message.skipNullable(message.int32("key"), "key");
      int length = message.int32("compressed messages");
      if (length != message.left()) {
        throw message.malformed(
            length + " bytes of compressed messages where " + message.left() + " are left");
      }
      from = message.at;
    } else if (recordCount() == 0) {
      // Kafka does not look at the rest either.
      return new ByteReader(in, from, from, ByteReader.AS_RECEIVED);
    }
    ByteBuf all = Compression.decompress(this, in, from, start + size, maxBytes);
    return new ByteReader(all, 0, all.writerIndex(), from);
  }

  /** Where the length of the key stands in a message of magic 0 or 1, from its start. */
  private int keyAt() {
    return magic == 0 ? KEY_IN_MAGIC_0 : KEY_IN_MAGIC_1;
  }

  private MalformedMessage malformed(String what, int field) {
    return new MalformedMessage(what, start + field);
  }
}
