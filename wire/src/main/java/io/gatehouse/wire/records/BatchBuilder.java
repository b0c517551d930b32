package io.gatehouse.wire.records;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes a batch that has the format, codec, producer, leader epoch and flags of another one, with
 * other records.
 *
 * <pre>{@code
 * BatchBuilder out = BatchBuilder.like(b, target);
 * for (RecordCursor r = b.records(MAX_DECOMPRESSED_BYTES); r.next(); ) {
 *   out.headers(r).header("origin", here).add(r.offset(), r.timestamp(), r.key(), changed(r));
 * }
 * out.finish();
 * }</pre>
 *
 * <p>If the producer numbers its records ({@link BatchCursor#baseSequence}), none may be left out
 * on the way to a broker, because the broker counts them. Arguments of type buffer are read without
 * moving their indexes.
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

  /** The target, or the uncompressed records: on the heap, so nobody must release it. */
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
   * Appends a batch to {@code target}. Records keep the offsets they are added with, and the batch
   * has the last offset of the original even if records are left out, as after compaction.
   */
  public static BatchBuilder like(BatchCursor batch, ByteBuf target) {
    return new BatchBuilder(batch, target, false);
  }

  /** Like {@link #like}, but records get consecutive offsets, as brokers demand of producers. */
  public static BatchBuilder renumbering(BatchCursor batch, ByteBuf target) {
    return new BatchBuilder(batch, target, true);
  }

  /** Gives the next added record the headers of this one. */
  public BatchBuilder headers(RecordCursor record) {
    headers.writeBytes(record.headers());
    headerCount += record.headerCount();
    return this;
  }

  /**
   * Gives the next added record another header.
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

  /** Adds a record unchanged. */
  public void add(RecordCursor record) {
    headers(record).add(record.offset(), record.timestamp(), record.key(), record.value());
  }

  /**
   * Adds a record with the headers given since the last one.
   *
   * @param timestamp in ms since 1970; ignored in magic 0, which has none, and by readers if the
   *     broker sets timestamps ({@link BatchCursor#logAppendTime})
   * @throws IllegalArgumentException in magic 2, if the offset is not greater than that of the
   *     record before or is outside the original batch
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
      // Offsets in a compressed message of magic 1 are relative (KIP-31).
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
   * Ends the batch. Without records, a batch of magic 2 is written empty, as compaction does it, so
   * that consumers get past its offsets; a batch of another magic or a renumbered one is not
   * written at all.
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

  /** Writes a message of magic 0 or 1 up to its key, and returns its index. */
  private int beginMessage(ByteBuf out, long offset, long timestamp) {
    int message = out.writerIndex();
    out.writeLong(offset).writeInt(0).writeInt(0).writeByte(magic).writeByte(0);
    if (magic == 1) {
      out.writeLong(timestamp);
    }
    return message;
  }

  /** Fills in the fields that depend on the rest of a message. */
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

  /** Writes a zigzag varint; int and long have the same encoding. */
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
