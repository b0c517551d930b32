package io.gatehouse.wire.records;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.jspecify.annotations.Nullable;

/** Batches written by Kafka's own classes. */
final class RandomBatches {

  private static final long NOW = 1_700_000_000_000L;

  /** A format and a codec. */
  record Kind(int magic, Codec codec) {

    @Override
    public String toString() {
      return codec + " in magic " + magic;
    }
  }

  private RandomBatches() {}

  /** All combinations that Kafka can write. */
  static Stream<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>();
    for (int magic = 0; magic <= 2; magic++) {
      for (Codec codec : Codec.values()) {
        if (magic == 2 || codec != Codec.ZSTD) {
          kinds.add(new Kind(magic, codec));
        }
      }
    }
    return kinds.stream();
  }

  /** Several batches of the same format and codec in sequence. */
  static ByteBuf set(Kind kind, RandomGenerator random) {
    ByteBuf set = Unpooled.buffer();
    long offset = random.nextLong(1L << random.nextInt(1, 62));
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      offset = batch(kind, random, offset, set);
    }
    return set;
  }

  /** Writes a batch from that offset on, and returns the offset after its last. */
  private static long batch(Kind kind, RandomGenerator random, long baseOffset, ByteBuf out) {
    boolean modern = kind.magic == 2;
    boolean numbered = modern && random.nextBoolean();
    boolean transactional = numbered && random.nextBoolean();
    boolean control = transactional && random.nextInt(4) == 0;
    boolean appendTime = kind.magic > 0 && random.nextInt(3) == 0;
    long horizon =
        modern && random.nextInt(4) == 0 ? NOW + random.nextInt(9) : RecordBatch.NO_TIMESTAMP;
    ByteBufferOutputStream bytes = new ByteBufferOutputStream(512);
    MemoryRecordsBuilder builder =
        new MemoryRecordsBuilder(
            bytes,
            (byte) kind.magic,
            Compression.of(CompressionType.forId(kind.codec.ordinal())).build(),
            kind.magic == 0
                ? TimestampType.NO_TIMESTAMP_TYPE
                : appendTime ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME,
            baseOffset,
            appendTime ? NOW + random.nextInt(1000) : RecordBatch.NO_TIMESTAMP,
            numbered ? random.nextLong(1 << 20) : -1,
            (short) (numbered ? random.nextInt(100) : -1),
            numbered && !control ? Integer.MAX_VALUE - random.nextInt(9) : -1,
            transactional,
            control,
            modern ? random.nextInt(-1, 1000) : -1,
            1 << 30,
            horizon);
    if (control) {
      ControlRecordType type =
          random.nextBoolean() ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
      builder.appendEndTxnMarker(NOW, new EndTransactionMarker(type, random.nextInt(9)));
      out.writeBytes(builder.build().buffer());
      return baseOffset + 1;
    }
    long offset = baseOffset;
    for (int i = random.nextInt(1, 8); i > 0; i--) {
      offset += random.nextInt(3) == 0 ? random.nextInt(20) : 0;
      builder.appendWithOffset(
          offset,
          kind.magic == 0 ? RecordBatch.NO_TIMESTAMP : NOW + random.nextInt(-1000, 1000),
          bytes(random),
          bytes(random),
          modern ? headers(random) : new Header[0]);
      offset++;
    }
    long last = offset + random.nextInt(3);
    if (modern && random.nextBoolean()) {
      // Compaction removed the last record.
      builder.overrideLastOffset(last);
      offset = last + 1;
    }
    out.writeBytes(builder.build().buffer());
    return offset;
  }

  private static Header[] headers(RandomGenerator random) {
    Header[] headers = new Header[random.nextInt(3)];
    for (int i = 0; i < headers.length; i++) {
      headers[i] = new RecordHeader(random.nextBoolean() ? "ключ" : "", bytes(random));
    }
    return headers;
  }

  static byte @Nullable [] bytes(RandomGenerator random) {
    int length =
        switch (random.nextInt(40)) {
          case 0, 1, 2, 3, 4 -> -1;
          case 5, 6, 7 -> 0;
          case 8 -> random.nextInt(100_000);
          default -> random.nextInt(300);
        };
    if (length < 0) {
      return null;
    }
    byte[] bytes = new byte[length];
    // Either compresses well or not at all.
    int alphabet = 1 + random.nextInt(2) * 255;
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) random.nextInt(alphabet);
    }
    return bytes;
  }
}
