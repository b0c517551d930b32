package io.gatehouse.wire.records;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes a batch like another one, with other records: of the same format and codec, by the same
 * producer, under the same leader epoch, with the same marks.
 *
 * <pre>{@code
 * BatchBuilder out = BatchBuilder.like(b, target);
 * for (RecordCursor r = b.records(MAX_DECOMPRESSED_BYTES); r.next(); ) {
 *   out.headers(r).header("origin", here).add(r.offset(), r.timestamp(), r.key(), changed(r));
 * }
 * out.finish();
 * }</pre>
 *
 * <p>Of a batch that producers number ({@link BatchCursor#baseSequence}) no record may be left out
 * on its way to a broker, which counts them. Buffers given are looked at, their indexes stay.
 */
public final class BatchBuilder {

  private final ByteBuf target;
  private final int start;
  private final int magic;
  private final Codec codec;
  private final boolean logAppendTime;
  private final boolean renumber;
  private final long likeMaxTimestamp;
  private final long likeLastOffset;

  /** The target, or what is compressed into it at the end: on the heap, released by nobody. */
  private final ByteBuf records;

  private final ByteBuf headers = Unpooled.buffer(0);
  private int headerCount;

  private int count;
  private long baseOffset;
  private long lastOffset;
  private long maxTimestamp = BatchCursor.NONE;

  private BatchBuilder(BatchCursor like, ByteBuf target, boolean renumber) {
    this.target = target;
    this.start = target.writerIndex();
    this.magic = like.magic();
    this.codec = like.codec();
    this.logAppendTime = like.logAppendTime();
    this.renumber = renumber;
    this.likeMaxTimestamp = like.maxTimestamp();
    this.likeLastOffset = like.lastOffset();
    this.records = codec == Codec.NONE ? target : Unpooled.buffer();
    if (magic == BatchCursor.MAGIC_2) {
      target.writeBytes(like.bytes(), 0, BatchCursor.RECORDS);
      baseOffset = like.baseOffset();
      lastOffset = baseOffset - 1;
    }
  }

  /**
   * Begins a batch behind what {@code target} holds. Records keep the offsets they are added with,
   * and the batch ends with the offset that the other one ends with, whichever are left out: as
   * compaction leaves it, and as consumers understand it.
   */
  public static BatchBuilder like(BatchCursor batch, ByteBuf target) {
    return new BatchBuilder(batch, target, false);
  }

  /**
   * Like {@link #like}, but records get offsets without gaps from the first one on, whatever they
   * are added with, as brokers demand it of producers.
   */
  public static BatchBuilder renumbering(BatchCursor batch, ByteBuf target) {
    return new BatchBuilder(batch, target, true);
  }

  /** Gives the record that is added next the headers of this one. */
  public BatchBuilder headers(RecordCursor record) {
    headers.writeBytes(record.headers());
    headerCount += record.headerCount();
    return this;
  }

  /**
   * Gives the record that is added next one header more.
   *
   * @throws IllegalStateException before magic 2, which has no headers
   */
  public BatchBuilder header(String key, @Nullable ByteBuf value) {
    if (magic != BatchCursor.MAGIC_2) {
      throw new IllegalStateException("magic " + magic + " has no headers");
    }
    writeVarint(headers, ByteBufUtil.utf8Bytes(key));
    ByteBufUtil.writeUtf8(headers, key);
    writeBytes(headers, value);
    headerCount++;
    return this;
  }

  /** Adds a record as it is. */
  public void add(RecordCursor record) {
    headers(record).add(record.offset(), record.timestamp(), record.key(), record.value());
  }

  /**
   * Adds a record with the headers given since the last one.
   *
   * @param timestamp in ms since 1970; magic 0 has none, and where the broker's clock counts
   *     ({@link BatchCursor#logAppendTime}) readers do not look at it
   * @throws IllegalArgumentException in magic 2, if the offset is not behind that of the record
   *     before and within those of the other batch
   */
  public void add(long offset, long timestamp, @Nullable ByteBuf key, @Nullable ByteBuf value) {
    if (count == 0 && magic != BatchCursor.MAGIC_2) {
      baseOffset = offset;
    }
    long written = renumber ? baseOffset + count : offset;
    if (magic == BatchCursor.MAGIC_2) {
      if (!renumber && (written <= lastOffset || written > likeLastOffset)) {
        throw new IllegalArgumentException(
            "offset " + written + " behind " + lastOffset + " and up to " + likeLastOffset);
      }
      addRecord((int) (written - baseOffset), timestamp, key, value);
    } else {
      // Within a compressed message of magic 1 offsets are relative (KIP-31).
      boolean relative = magic == 1 && codec != Codec.NONE;
      int message = beginMessage(records, relative ? written - baseOffset : written, timestamp);
      writeSized(records, key);
      writeSized(records, value);
      endMessage(records, message, Codec.NONE);
    }
    count++;
    lastOffset = written;
    maxTimestamp = Math.max(maxTimestamp, timestamp);
    headers.clear();
    headerCount = 0;
  }

  private void addRecord(
      int offsetDelta, long timestamp, @Nullable ByteBuf key, @Nullable ByteBuf value) {
    long timestampDelta = timestamp - target.getLong(start + BatchCursor.BASE_TIMESTAMP);
    int size =
        1
            + sizeOfVarint(timestampDelta)
            + sizeOfVarint(offsetDelta)
            + sizeOf(key)
            + sizeOf(value)
            + sizeOfVarint(headerCount)
            + headers.readableBytes();
    writeVarint(records, size);
    records.writeByte(0);
    writeVarint(records, timestampDelta);
    writeVarint(records, offsetDelta);
    writeBytes(records, key);
    writeBytes(records, value);
    writeVarint(records, headerCount);
    records.writeBytes(headers);
  }

  /**
   * Ends the batch. Without any record, one of magic 2 is written empty, as compaction does it, so
   * that consumers get past its offsets; nothing is written of others and of renumbered ones.
   */
  public void finish() {
    if (magic == BatchCursor.MAGIC_2) {
      finishBatch();
    } else if (codec != Codec.NONE && count > 0) {
      int message =
          beginMessage(target, lastOffset, logAppendTime ? likeMaxTimestamp : maxTimestamp);
      writeSized(target, null);
      int size = target.writerIndex();
      target.writeInt(0);
      Compression.compress(codec, magic, records, target);
      target.setInt(size, target.writerIndex() - size - 4);
      endMessage(target, message, codec);
    }
  }

  private void finishBatch() {
    if (count == 0 && renumber) {
      target.writerIndex(start);
      return;
    }
    if (count == 0) {
      int attributes = target.getShort(start + BatchCursor.ATTRIBUTES);
      target.setShort(start + BatchCursor.ATTRIBUTES, attributes & ~Codec.MASK);
    } else if (codec != Codec.NONE) {
      Compression.compress(codec, magic, records, target);
    }
    if (renumber) {
      target.setInt(start + BatchCursor.LAST_OFFSET_DELTA, count - 1);
    }
    if (count > 0 && !logAppendTime) {
      target.setLong(start + BatchCursor.MAX_TIMESTAMP, maxTimestamp);
    }
    target.setInt(start + BatchCursor.RECORD_COUNT, count);
    int size = target.writerIndex() - start;
    target.setInt(start + BatchCursor.SIZE, size - BatchCursor.BEHIND_SIZE);
    int from = BatchCursor.ATTRIBUTES;
    target.setInt(
        start + BatchCursor.CRC, BatchCursor.crc(new CRC32C(), target, start + from, size - from));
  }

  /** Writes a message of magic 0 or 1 up to its key; gives its index. */
  private int beginMessage(ByteBuf out, long offset, long timestamp) {
    int message = out.writerIndex();
    out.writeLong(offset).writeInt(0).writeInt(0).writeByte(magic).writeByte(0);
    if (magic == 1) {
      out.writeLong(timestamp);
    }
    return message;
  }

  /** Writes what depends on the rest of a message. */
  private void endMessage(ByteBuf out, int message, Codec messageCodec) {
    int size = out.writerIndex() - message;
    out.setInt(message + BatchCursor.SIZE, size - BatchCursor.BEHIND_SIZE);
    int attributes = messageCodec.ordinal() | (logAppendTime ? BatchCursor.LOG_APPEND_TIME : 0);
    out.setByte(message + BatchCursor.OLD_ATTRIBUTES, attributes);
    int from = BatchCursor.MAGIC;
    out.setInt(
        message + BatchCursor.OLD_CRC,
        BatchCursor.crc(new CRC32(), out, message + from, size - from));
  }

  private static void writeSized(ByteBuf out, @Nullable ByteBuf bytes) {
    if (bytes == null) {
      out.writeInt(-1);
    } else {
      out.writeInt(bytes.readableBytes());
      out.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    }
  }

  private static void writeBytes(ByteBuf out, @Nullable ByteBuf bytes) {
    if (bytes == null) {
      writeVarint(out, -1);
    } else {
      writeVarint(out, bytes.readableBytes());
      out.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    }
  }

  private static int sizeOf(@Nullable ByteBuf bytes) {
    int length = bytes == null ? -1 : bytes.readableBytes();
    return sizeOfVarint(length) + Math.max(0, length);
  }

  /** Zigzag: an int and a long of the same value are the same bytes. */
  private static void writeVarint(ByteBuf out, long value) {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7fL) != 0) {
      out.writeByte((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.writeByte((int) rest);
  }

  private static int sizeOfVarint(long value) {
    long zigzag = (value << 1) ^ (value >> 63);
    return (Long.SIZE - Long.numberOfLeadingZeros(zigzag | 1) + 6) / 7;
  }
}
