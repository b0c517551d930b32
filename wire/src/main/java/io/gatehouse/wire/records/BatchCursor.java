package io.gatehouse.wire.records;

import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * Iterates over the batches of a record set and reads their headers, without copying or
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
 * <p>A batch has magic 2, or is a message of magic 0 or 1, which may hold compressed messages. A
 * broker may truncate the last batch of a Fetch response (KIP-74): the loop then ends before it,
 * and {@link #partialBytes} is not 0. A Produce request must not be truncated.
 *
 * <p>The buffer is read by index and must not change meanwhile. The position of a {@link
 * MalformedMessage} is an index of it; the cursor cannot be used after one.
 */
public final class BatchCursor {

  /** "None" in offsets, timestamps, producer ids, epochs and sequences. */
  public static final int NONE = -1;

  static final int MAGIC_2 = 2;

  // Offsets of fields in a batch of any format:
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
  static final int PRODUCER_ID = 43;
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
  static final int TRANSACTIONAL = 1 << 4;
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

  /** A cursor before the first batch of the buffer's readable bytes. */
  public static BatchCursor of(ByteBuf recordSet) {
    return new BatchCursor(recordSet);
  }

  /**
   * Moves to the next batch; false if no complete one is left.
   *
   * @throws MalformedMessage if its header is inconsistent
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

  /**
   * The number of bytes after the last complete batch, once {@link #next} returned false: the
   * beginning of a truncated batch.
   */
  public int partialBytes() {
    return end - start - size;
  }

  /**
   * The full size in bytes of the truncated batch after the last complete one, once {@link #next}
   * returned false; 0 if too few bytes are left to know.
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

  /** Size of the batch in bytes, header included. */
  public int size() {
    return size;
  }

  /** A slice of the batch, not retained. */
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

  /** Whether the broker set the timestamps, which then all are {@link #maxTimestamp}. */
  public boolean logAppendTime() {
    return magic > 0 && (attributes & LOG_APPEND_TIME) != 0;
  }

  public boolean transactional() {
    return magic == MAGIC_2 && (attributes & TRANSACTIONAL) != 0;
  }

  /**
   * Whether the records are control records of the broker (KIP-98), which consumers do not return.
   */
  public boolean control() {
    return magic == MAGIC_2 && (attributes & CONTROL) != 0;
  }

  /**
   * Whether {@link #baseTimestamp} is the time after which tombstones and markers may be removed
   * (KIP-534).
   */
  public boolean hasDeleteHorizon() {
    return magic == MAGIC_2 && (attributes & DELETE_HORIZON) != 0;
  }

  /**
   * The first offset of the batch, whose record compaction may have removed; {@link #NONE} for
   * compressed batches of magic 0 and 1, which must be decompressed to know it.
   */
  public long baseOffset() {
    return magic == MAGIC_2 || codec() == Codec.NONE ? in.getLong(start) : NONE;
  }

  /** The last offset of the batch. */
  public long lastOffset() {
    long offset = in.getLong(start);
    return magic == MAGIC_2 ? offset + in.getInt(start + LAST_OFFSET_DELTA) : offset;
  }

  /**
   * The number of records in the header; {@link #NONE} for compressed batches of magic 0 and 1,
   * which must be decompressed to know it.
   */
  public int recordCount() {
    if (magic == MAGIC_2) {
      return in.getInt(start + RECORD_COUNT);
    }
    return codec() == Codec.NONE ? 1 : NONE;
  }

  /** The time that timestamps are relative to, in ms since 1970; {@link #NONE} before magic 2. */
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

  /**
   * The producer's sequence number of the first record; {@link #NONE} unless the producer is
   * idempotent.
   */
  public int baseSequence() {
    return magic == MAGIC_2 ? in.getInt(start + BASE_SEQUENCE) : NONE;
  }

  /**
   * Verifies the checksum, which reads every byte of the batch.
   *
   * @throws MalformedMessage if the checksum is wrong
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

  /** Verifies the checksum of a message of magic 0 or 1, which may be nested in another one. */
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
   * A cursor before the first record of the batch. A compressed batch is decompressed at once into
   * heap memory, which need not be released.
   *
   * @param maxBytes the largest decompressed size. The codec needs additional memory during this
   *     call: one LZ4 block (4 MiB at most, never more than the bound), or the window of zstd,
   *     whose pages are touched only as far as bytes are decompressed
   * @throws MalformedMessage if the batch cannot be decompressed or is larger than that
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
      // Kafka ignores the rest too.
      return new ByteReader(in, from, from, ByteReader.AS_RECEIVED);
    }
    ByteBuf all = Compression.decompress(this, in, from, start + size, maxBytes);
    return new ByteReader(all, 0, all.writerIndex(), from);
  }

  /** Offset of the key's length in a message of magic 0 or 1. */
  private int keyAt() {
    return magic == 0 ? KEY_IN_MAGIC_0 : KEY_IN_MAGIC_1;
  }

  private MalformedMessage malformed(String what, int field) {
    return new MalformedMessage(what, start + field);
  }
}
