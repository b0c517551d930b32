package io.gatehouse.wire.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Batches that are truncated, corrupt, inconsistent, or control batches. */
class BatchCursorTest {

  /**
   * At each byte: the complete batches are reported, and how much of the truncated one is there.
   */
  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.records.RandomBatches#kinds")
  void theLastBatchMayBeCut(RandomBatches.Kind kind) {
    ByteBuf one = BatchBuilderTest.three(kind.magic(), kind.codec());
    int whole = one.readableBytes();
    ByteBuf two = Unpooled.wrappedBuffer(one.duplicate(), one.duplicate());
    for (int cut = 0; cut < 2 * whole; cut++) {
      BatchCursor b = BatchCursor.of(two.slice(0, cut));
      int there = 0;
      while (b.next()) {
        there += b.size();
      }
      assertThat(b.partialBytes()).isEqualTo(cut - there);
      if (b.partialBytes() < 12) {
        assertThat(b.partialSize()).isZero();
      } else {
        assertThat(b.partialSize()).isGreaterThan(b.partialBytes());
        assertThat(2 * whole - there - b.partialSize()).isNotNegative();
      }
    }
  }

  @Test
  void nothingIsLeftOfAWholeSet() {
    BatchCursor b = BatchCursor.of(Unpooled.EMPTY_BUFFER);
    assertThat(b.next()).isFalse();
    assertThat(b.partialBytes()).isZero();
    assertThat(b.next()).isFalse();
  }

  @Test
  void aBatchIsASliceOfTheSet() {
    ByteBuf one = BatchBuilderTest.three(2, Codec.GZIP);
    BatchCursor b = BatchCursor.of(Unpooled.wrappedBuffer(one.duplicate(), one.duplicate()));
    assertThat(b.next()).isTrue();
    assertThat(b.next()).isTrue();
    assertThat(b.start()).isEqualTo(one.readableBytes());
    assertThat(b.bytes()).isEqualTo(one);
  }

  @Test
  void controlBatches() {
    MemoryRecords mark =
        MemoryRecords.withEndTransactionMarker(
            7L, 1000L, 3, 42L, (short) 5, new EndTransactionMarker(ControlRecordType.COMMIT, 9));
    BatchCursor b = BatchCursor.of(Unpooled.wrappedBuffer(mark.buffer()));
    assertThat(b.next()).isTrue();
    assertThat(b.control()).isTrue();
    assertThat(b.transactional()).isTrue();
    assertThat(b.producerId()).isEqualTo(42);
    assertThat(b.producerEpoch()).isEqualTo(5);
    assertThat(b.leaderEpoch()).isEqualTo(3);
    RecordCursor r = b.records(0);
    assertThat(r.next()).isTrue();
    assertThat(r.offset()).isEqualTo(7);
    assertThat(r.sequence()).isEqualTo(-1);
    ByteBuffer key = ByteBuffer.allocate(4).putShort((short) 0).putShort((short) 1).flip();
    assertThat(r.key()).isEqualTo(Unpooled.wrappedBuffer(key));
    assertThat(r.next()).isFalse();
  }

  /** Every bit of a batch matters, except for those that its checksum does not cover. */
  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.records.RandomBatches#kinds")
  void wrongChecksums(RandomBatches.Kind kind) {
    ByteBuf set = BatchBuilderTest.three(kind.magic(), kind.codec());
    BatchCursor whole = BatchCursor.of(set);
    assertThat(whole.next()).isTrue();
    assertThatNoException().isThrownBy(whole::checkCrc);
    int covered = kind.magic() == 2 ? BatchCursor.ATTRIBUTES : BatchCursor.MAGIC + 1;
    // Changes that are refused before the checksum: attributes and record count.
    for (int at = covered + 2; at < whole.size(); at++) {
      if (kind.magic() == 2 && ((at >= 23 && at < 27) || (at >= 57 && at < 61))) {
        continue;
      }
      ByteBuf damaged = set.copy();
      damaged.setByte(at, damaged.getByte(at) ^ 4);
      BatchCursor b = BatchCursor.of(damaged);
      assertThat(b.next()).isTrue();
      assertThatExceptionOfType(MalformedMessage.class)
          .isThrownBy(b::checkCrc)
          .withMessageContaining("wrong checksum");
    }
  }

  /** The outer checksum may be right while an inner one is wrong. */
  @Test
  void wrongChecksumsWithinCompressedMessages() {
    ByteBuf inner = Unpooled.buffer();
    inner.writeBytes(BatchBuilderTest.three(1, Codec.NONE));
    inner.setByte(inner.writerIndex() - 1, 'z');
    RecordCursor r = first(oldBatch(1, Codec.GZIP, 2, inner)).records(Seen.ENOUGH);
    assertThat(r.next()).isTrue();
    assertThat(r.next()).isTrue();
    r.checkCrc();
    assertThat(r.next()).isTrue();
    assertThatExceptionOfType(MalformedMessage.class)
        .isThrownBy(r::checkCrc)
        .withMessageContaining("wrong checksum")
        .withMessageContaining("of what is decompressed");
  }

  /** A compressed message with these messages. */
  static ByteBuf oldBatch(int magic, Codec codec, long offset, ByteBuf inner) {
    ByteBuf compressed = Unpooled.buffer();
    Compression.compress(codec, magic, inner, compressed);
    ByteBuf out = Unpooled.buffer();
    out.writeLong(offset).writeInt(0).writeInt(0).writeByte(magic).writeByte(codec.ordinal());
    if (magic == 1) {
      out.writeLong(1000);
    }
    out.writeInt(-1).writeInt(compressed.readableBytes()).writeBytes(compressed);
    return out.setInt(8, out.writerIndex() - 12);
  }

  private static BatchCursor first(ByteBuf set) {
    BatchCursor b = BatchCursor.of(set);
    assertThat(b.next()).isTrue();
    return b;
  }

  @ParameterizedTest
  @CsvSource({
    "8,  4, -1, a batch of -1 bytes at byte 8",
    "8,  4, 2147483647, a batch of 2147483647 bytes at byte 8",
    "8,  4, 48, a batch of magic 2 in 48 bytes at byte 8",
    "16, 1, 3, a batch of magic 3 at byte 16",
    "16, 1, -1, a batch of magic -1 at byte 16",
    "21, 2, 5, a batch of magic 2 with codec 5 at byte 21",
    "23, 4, -1, a batch from offset 0 to the -1th behind at byte 23",
    "0,  8, 9223372036854775807, a batch from offset 9223372036854775807 to the 2th",
    "57, 4, -1, a batch of -1 records",
    "57, 4, 4, a batch of 4 records in 54 bytes",
    "57, 4, 2000000000, a batch of 2000000000 records",
  })
  void inconsistentHeadersAreRefused(int at, int width, long value, String told) {
    ByteBuf set = BatchBuilderTest.three(2, Codec.NONE).copy();
    set(set, at, width, value);
    BatchCursor b = BatchCursor.of(set);
    assertThatExceptionOfType(MalformedMessage.class)
        .isThrownBy(b::next)
        .withMessageContaining(told);
  }

  private static void set(ByteBuf bytes, int at, int width, long value) {
    switch (width) {
      case 1 -> bytes.setByte(at, (int) value);
      case 2 -> bytes.setShort(at, (int) value);
      case 4 -> bytes.setInt(at, (int) value);
      default -> bytes.setLong(at, value);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "7f, record: -64 bytes",
    "7e, record: 63 bytes where",
    "ffffffffff01, record: a varint is longer than 32 bits",
    "8080808010, record: a varint is longer than 32 bits",
    "0c 00 00 00 03 01 00, key: -2 bytes",
    "0c 00 00 00 7e 01 00, key: 63 bytes where",
    "0c 00 00 00 01 03 00, value: -2 bytes",
    "0c 00 00 00 01 7e 00, value: 63 bytes where",
    "0c 00 00 00 01 01 01, -1 headers where",
    "0c 00 00 00 01 01 7e, 63 headers where",
    "10 00 00 00 01 01 02 01 01, header key: -1 bytes",
    "10 00 00 00 01 01 02 00 03, header value: -2 bytes",
    "10 00 00 00 01 01 02 7e 01, header key: 63 bytes where",
    "0c 00 00 01 01 01 00, 'a record -1 offsets behind the first, after -1 of 1'",
    "0c 00 00 04 01 01 00, 'a record 2 offsets behind the first, after -1 of 1'",
    "0c 00 00 00 01 01 00 0c 00 00 00 01 01 00, 'a record 0 offsets behind the first, after 0'",
    "0a 00 00 00 01 01 00, a record whose size and the sizes in it differ by 1",
    "0e 00 00 00 01 01 00 00, a record whose size and the sizes in it differ by -1",
    "0c 00 00 00 01 01 00 0c 00 00 02 01 01 00 05, 1 bytes behind the last of 2 records",
    "0c 00 00 00 01 01 00, record: 1 bytes where 0 are left",
    "0c 00 ffffffffffffffffff7f, timestamp: a varint is longer than 64 bits",
    "0c, record: 6 bytes where 0 are left",
    "'', record: 1 bytes where 0 are left",
  })
  void inconsistentRecordsAreRefused(String hex, String told) {
    byte[] records = ByteBufUtil.decodeHexDump(hex.replace(" ", ""));
    for (Codec codec : Codec.values()) {
      if (records.length == 0 && codec != Codec.GZIP) {
        continue;
      }
      // Enough bytes for two records, because the header would be refused otherwise.
      ByteBuf set = batch(codec, 2, Unpooled.wrappedBuffer(records));
      assertThatExceptionOfType(MalformedMessage.class)
          .as(codec.name())
          .isThrownBy(() -> {
            BatchCursor b = BatchCursor.of(set);
            b.next();
            RecordCursor r = b.records(Seen.ENOUGH);
            while (r.next()) {}
          })
          .withMessageContaining(codec == Codec.NONE && records.length < 14 ? "" : told)
          .satisfies(e -> assertThat(e.position()).isBetween(0, set.readableBytes()));
    }
  }

  /** A batch of magic 2 from offset 0 on with a given record count. */
  static ByteBuf batch(Codec codec, int count, ByteBuf records) {
    ByteBuf out = Unpooled.buffer().writeZero(BatchCursor.RECORDS);
    Compression.compress(codec, 2, records, out);
    out.setInt(BatchCursor.SIZE, out.writerIndex() - 12);
    out.setByte(BatchCursor.MAGIC, 2);
    out.setShort(BatchCursor.ATTRIBUTES, codec.ordinal());
    out.setInt(BatchCursor.LAST_OFFSET_DELTA, Math.max(0, count - 1));
    return out.setInt(BatchCursor.RECORD_COUNT, count);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 8, -1, offset -1 before the last",
    "0, 8, 3, offset 3 before the last",
    "8, 4, -1, message: -1 bytes",
    "8, 4, 2147483647, message: 2147483647 bytes where",
    "8, 4, 3, message",
    "16, 1, 0, a message of magic 0 within one of 1",
    "17, 1, 1, a compressed message within a compressed message",
    "26, 4, -2, key: -2 bytes",
    "26, 4, 2147483647, key: 2147483647 bytes",
    "40, 4, 2, a record whose size and the sizes in it differ by 1",
    "40, 4, 0, a record whose size and the sizes in it differ by -1",
  })
  void inconsistentMessagesAreRefused(int at, int width, long value, String told) {
    ByteBuf inner = BatchBuilderTest.three(1, Codec.NONE).copy();
    set(inner, at, width, value);
    ByteBuf set = oldBatch(1, Codec.GZIP, 2, inner);
    assertThatExceptionOfType(MalformedMessage.class)
        .isThrownBy(() -> Seen.records(set))
        .withMessageContaining(told);
  }

  @Test
  void compressedMessagesEndBeforeTheirWrapper() {
    assertThatExceptionOfType(MalformedMessage.class)
        .isThrownBy(
            () -> Seen.records(oldBatch(1, Codec.GZIP, 1, BatchBuilderTest.three(1, Codec.NONE))))
        .withMessageContaining("messages up to offset 2 within one of offset 1");
    // As Kafka accepts from librdkafka.
    assertThat(Seen.records(oldBatch(1, Codec.GZIP, 0, BatchBuilderTest.three(1, Codec.NONE))))
        .extracting(Seen.One::offset)
        .containsExactly(0L, 1L, 2L);
    assertThatExceptionOfType(MalformedMessage.class)
        .isThrownBy(() -> Seen.records(oldBatch(1, Codec.GZIP, 0, Unpooled.EMPTY_BUFFER)))
        .withMessageContaining("offset: 8 bytes where 0 are left");
  }

  @ParameterizedTest
  @CsvSource({"22, -1", "22, 2147483647", "22, 3", "18, -2", "18, 100000"})
  void inconsistentWrappersAreRefused(int at, int value) {
    ByteBuf set = oldBatch(0, Codec.GZIP, 2, BatchBuilderTest.three(0, Codec.NONE));
    set.setInt(at, value);
    assertThatExceptionOfType(MalformedMessage.class).isThrownBy(() -> Seen.records(set));
  }

  @Test
  void oldMessagesHaveNoZstd() {
    ByteBuf set = BatchBuilderTest.three(1, Codec.NONE).copy();
    set.setByte(BatchCursor.OLD_ATTRIBUTES, 4);
    BatchCursor b = BatchCursor.of(set);
    assertThatExceptionOfType(MalformedMessage.class)
        .isThrownBy(b::next)
        .withMessageContaining("a batch of magic 1 with codec 4");
  }
}
