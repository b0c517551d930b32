package io.gatehouse.wire.records;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/** What a reader finds in a record set, to compare Kafka's reader with RecordCursor. */
final class Seen {

  /** More than any batch of these tests contains. */
  static final int ENOUGH = 64 << 20;

  private Seen() {}

  record Batch(
      int size,
      int magic,
      String codec,
      long baseOffset,
      long lastOffset,
      long maxTimestamp,
      String flags,
      String producer,
      int leaderEpoch,
      int count) {}

  record One(
      long offset,
      long timestamp,
      int sequence,
      @Nullable String key,
      @Nullable String value,
      List<String> headers) {}

  static List<Batch> batches(ByteBuf set) {
    List<Batch> seen = new ArrayList<>();
    for (BatchCursor b = BatchCursor.of(set); b.next(); ) {
      String flags =
          (b.logAppendTime() ? "append " : "")
              + (b.transactional() ? "transactional " : "")
              + (b.control() ? "control " : "")
              + (b.hasDeleteHorizon() ? "horizon " + b.baseTimestamp() : "");
      seen.add(
          new Batch(
              b.size(),
              b.magic(),
              b.codec().name(),
              b.baseOffset(),
              b.lastOffset(),
              b.maxTimestamp(),
              flags,
              b.producerId() + " " + b.producerEpoch() + " " + b.baseSequence(),
              b.leaderEpoch(),
              b.recordCount()));
    }
    return seen;
  }

  static List<Batch> byKafka(MemoryRecords set) {
    List<Batch> seen = new ArrayList<>();
    for (RecordBatch b : set.batches()) {
      String flags =
          (b.timestampType() == TimestampType.LOG_APPEND_TIME ? "append " : "")
              + (b.isTransactional() ? "transactional " : "")
              + (b.isControlBatch() ? "control " : "")
              + (b.deleteHorizonMs().isPresent()
                  ? "horizon " + b.deleteHorizonMs().getAsLong()
                  : "");
      boolean told = b.magic() == 2 || !b.isCompressed();
      Integer count = b.countOrNull();
      seen.add(
          new Batch(
              b.sizeInBytes(),
              b.magic(),
              b.compressionType().name(),
              told ? b.baseOffset() : -1,
              b.lastOffset(),
              b.maxTimestamp(),
              flags,
              b.producerId() + " " + b.producerEpoch() + " " + b.baseSequence(),
              b.partitionLeaderEpoch(),
              told ? (count == null ? 1 : count) : -1));
    }
    return seen;
  }

  static List<One> records(ByteBuf set) {
    List<One> seen = new ArrayList<>();
    for (BatchCursor b = BatchCursor.of(set); b.next(); ) {
      for (RecordCursor r = b.records(ENOUGH); r.next(); ) {
        List<String> headers = new ArrayList<>();
        while (r.nextHeader()) {
          headers.add(r.headerKey() + "=" + hex(r.headerValue()));
        }
        seen.add(
            new One(
                r.offset(), r.timestamp(), r.sequence(), hex(r.key()), hex(r.value()), headers));
      }
    }
    return seen;
  }

  static List<One> recordsByKafka(MemoryRecords set) {
    List<One> seen = new ArrayList<>();
    for (RecordBatch batch : set.batches()) {
      for (Record r : batch) {
        List<String> headers = new ArrayList<>();
        for (Header header : r.headers()) {
          byte[] value = header.value();
          headers.add(
              header.key() + "=" + hex(value == null ? null : Unpooled.wrappedBuffer(value)));
        }
        seen.add(
            new One(
                r.offset(), r.timestamp(), r.sequence(), hex(r.key()), hex(r.value()), headers));
      }
    }
    return seen;
  }

  static MemoryRecords kafka(ByteBuf set) {
    return MemoryRecords.readableRecords(ByteBuffer.wrap(ByteBufUtil.getBytes(set)));
  }

  private static @Nullable String hex(@Nullable ByteBuffer bytes) {
    return bytes == null ? null : hex(Unpooled.wrappedBuffer(bytes));
  }

  /** Long texts as a hash. */
  private static @Nullable String hex(@Nullable ByteBuf bytes) {
    if (bytes == null) {
      return null;
    }
    byte[] all = ByteBufUtil.getBytes(bytes);
    return all.length > 100
        ? all.length + " bytes, hash " + Arrays.hashCode(all)
        : ByteBufUtil.hexDump(all);
  }
}
