package io.gatehouse.wire.records;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Iterates over the records of one batch. Keys, values and headers are slices, not retained, of the
 * batch's buffer or of its decompressed bytes; nothing is copied. The cursor cannot be used after
 * the batch cursor has moved on.
 *
 * <p>It is stricter than Kafka's own reader about inconsistent batches, so that a client cannot
 * make the gateway and the broker see different records in the same bytes.
 */
public final class RecordCursor {

  private final BatchCursor batch;
  private final ByteReader in;

  /**
   * What offsets are relative to: in magic 2 the first offset, in compressed messages of magic 1 a
   * computed base.
   */
  private final long baseOffset;

  /** The largest valid offset, relative to the base. */
  private final long lastDelta;

  private int recordsRead;
  private int recordStart;
  private long delta = -1;
  private long timestamp;
  private int keyAt;
  private int keySize;
  private int valueAt;
  private int valueSize;
  private int headerCount;
  private int headersAt;
  private int headersEnd;

  // The header that was read last:
  private int headersRead;
  private int nextHeaderAt;
  private int headerKeyAt;
  private int headerKeySize;
  private int headerValueAt;
  private int headerValueSize;

  RecordCursor(BatchCursor batch, ByteReader in) {
    this.batch = batch;
    this.in = in;
    if (batch.magic() == BatchCursor.MAGIC_2) {
      baseOffset = batch.baseOffset();
      lastDelta = batch.lastOffset() - baseOffset;
    } else {
      long last = lastOffsetWithin();
      boolean relative = batch.magic() == 1 && batch.codec() != Codec.NONE;
      // librdkafka once wrote offset 0 in the outer message; Kafka accepts it in this way too.
      baseOffset = relative && batch.lastOffset() != 0 ? batch.lastOffset() - last : 0;
      lastDelta = relative ? last : Long.MAX_VALUE;
      if (relative && (last < 0 || baseOffset < 0)) {
        throw in.malformed(
            "messages up to offset " + last + " within one of offset " + batch.lastOffset());
      }
    }
  }

  /** The last offset of a sequence of messages of magic 0 or 1. */
  private long lastOffsetWithin() {
    int start = in.at;
    long last;
    do {
      last = in.int64("offset");
      in.skip(in.int32("size"), "message");
    } while (in.left() > 0);
    in.at = start;
    return last;
  }

  /**
   * Moves to the next record; false if there is none.
   *
   * @throws io.gatehouse.wire.MalformedMessage if its lengths, its offset or the number of records
   *     are inconsistent with the batch
   */
  public boolean next() {
    recordStart = in.at;
    headerCount = 0;
    headersAt = 0;
    headersEnd = 0;
    boolean read = batch.magic() == BatchCursor.MAGIC_2 ? nextRecord() : nextMessage();
    firstHeader();
    return read;
  }

  private boolean nextRecord() {
    if (recordsRead == batch.recordCount()) {
      if (in.left() > 0) {
        throw in.malformed(in.left() + " bytes behind the last of " + recordsRead + " records");
      }
      return false;
    }
    recordsRead++;
    int size = in.varint("record");
    int stop = in.skip(size, "record") + size;
    in.at = stop - size;
    in.int8("record attributes");
    timestamp = batch.baseTimestamp() + in.varlong("timestamp");
    int newDelta = in.varint("offset");
    if (newDelta <= delta || newDelta > lastDelta) {
      throw in.malformed(
          "a record "
              + newDelta
              + " offsets behind the first, after "
              + delta
              + " of "
              + lastDelta);
    }
    delta = newDelta;
    keySize = in.varint("key");
    keyAt = in.at;
    in.skipNullable(keySize, "key");
    valueSize = in.varint("value");
    valueAt = in.at;
    in.skipNullable(valueSize, "value");
    headerCount = in.varint("headers");
    headersAt = in.at;
    if (headerCount < 0 || headerCount > in.left() / 2) {
      throw in.malformed(headerCount + " headers where " + in.left() + " bytes are left");
    }
    for (int i = 0; i < headerCount; i++) {
      in.skip(in.varint("header key"), "header key");
      in.skipNullable(in.varint("header value"), "header value");
    }
    headersEnd = in.at;
    endAt(stop);
    return true;
  }

  private boolean nextMessage() {
    if (in.left() == 0) {
      return false;
    }
    recordsRead++;
    delta = in.int64("offset");
    int size = in.int32("message");
    int stop = in.skip(size, "message") + size;
    in.at = stop - size;
    in.int32("checksum");
    int magic = in.int8("magic");
    int attributes = in.int8("attributes");
    if (magic != batch.magic()) {
      throw in.malformed("a message of magic " + magic + " within one of " + batch.magic());
    }
    if ((attributes & Codec.MASK) != 0) {
      throw in.malformed("a compressed message within a compressed message");
    }
    if ((delta < 0 && lastDelta != Long.MAX_VALUE) || delta > lastDelta) {
      throw in.malformed("offset " + delta + " before the last, " + lastDelta);
    }
    timestamp = magic == 0 ? BatchCursor.NONE : in.int64("timestamp");
    keySize = in.int32("key");
    keyAt = in.at;
    in.skipNullable(keySize, "key");
    valueSize = in.int32("value");
    valueAt = in.at;
    in.skipNullable(valueSize, "value");
    endAt(stop);
    return true;
  }

  private void endAt(int stop) {
    if (in.at != stop) {
      throw in.malformed("a record whose size and the sizes in it differ by " + (in.at - stop));
    }
  }

  public long offset() {
    return baseOffset + delta;
  }

  /** In ms since 1970; {@link BatchCursor#NONE} in magic 0. */
  public long timestamp() {
    return batch.logAppendTime() ? batch.maxTimestamp() : timestamp;
  }

  /** The producer's sequence number, which wraps to 0 after the largest int. */
  public int sequence() {
    int base = batch.baseSequence();
    return base < 0 ? BatchCursor.NONE : (int) ((base + delta) & Integer.MAX_VALUE);
  }

  /** In bytes; -1 for a null key. */
  public int keySize() {
    return keySize;
  }

  public @Nullable ByteBuf key() {
    return ByteReader.slice(in.bytes, keyAt, keySize);
  }

  /** In bytes; -1 for a null value. */
  public int valueSize() {
    return valueSize;
  }

  public @Nullable ByteBuf value() {
    return ByteReader.slice(in.bytes, valueAt, valueSize);
  }

  public int headerCount() {
    return headerCount;
  }

  /** Moves before the first header, where {@link #next} leaves it. */
  public void firstHeader() {
    headersRead = 0;
    nextHeaderAt = headersAt;
  }

  /** Moves to the record's next header; false if there is none. */
  public boolean nextHeader() {
    if (headersRead == headerCount) {
      return false;
    }
    headersRead++;
    int resume = in.at;
    in.at = nextHeaderAt;
    headerKeySize = in.varint("header key");
    headerKeyAt = in.skip(headerKeySize, "header key");
    headerValueSize = in.varint("header value");
    headerValueAt = in.at;
    in.skipNullable(headerValueSize, "header value");
    nextHeaderAt = in.at;
    in.at = resume;
    return true;
  }

  public String headerKey() {
    return in.bytes.toString(headerKeyAt, headerKeySize, StandardCharsets.UTF_8);
  }

  public @Nullable ByteBuf headerValue() {
    return ByteReader.slice(in.bytes, headerValueAt, headerValueSize);
  }

  /** The encoded headers, without their count. */
  ByteBuf headers() {
    return in.bytes.slice(headersAt, headersEnd - headersAt);
  }

  /**
   * Verifies the checksum of a message of magic 0 or 1; records of magic 2 have none of their own
   * ({@link BatchCursor#checkCrc}).
   *
   * @throws io.gatehouse.wire.MalformedMessage if the checksum is wrong
   */
  public void checkCrc() {
    if (batch.magic() != BatchCursor.MAGIC_2) {
      BatchCursor.checkOldCrc(in, recordStart, in.at - recordStart);
    }
  }
}
