package io.gatehouse.wire.records;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.gatehouse.wire.Seed;
import io.gatehouse.wire.records.RandomBatches.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Kafka's classes read what BatchBuilder writes. */
class BatchBuilderTest {

  private static final int ROUNDS = 20;

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.records.RandomBatches#kinds")
  void aCopyIsTheSameToKafka(Kind kind) {
    RandomGenerator random = Seed.random("aCopyIsTheSameToKafka", kind);
    for (int i = 0; i < ROUNDS; i++) {
      ByteBuf set = RandomBatches.set(kind, random);
      ByteBuf copy = Unpooled.buffer().writeZero(5).skipBytes(5);
      for (BatchCursor b = BatchCursor.of(set); b.next(); ) {
        BatchBuilder out = BatchBuilder.like(b, copy);
        for (RecordCursor r = b.records(Seen.ENOUGH); r.next(); ) {
          out.add(r);
        }
        out.finish();
      }
      if (kind.codec() == Codec.NONE && !anyLogAppendTime(set)) {
        assertThat(ByteBufUtil.getBytes(copy))
            .as(Seed.replay())
            .isEqualTo(ByteBufUtil.getBytes(set));
      }
      assertThat(valid(copy)).as(Seed.replay()).isEqualTo(Seen.recordsByKafka(Seen.kafka(set)));
      assertThat(withoutSizes(copy)).as(Seed.replay()).isEqualTo(withoutSizes(set));
    }
  }

  private static boolean anyLogAppendTime(ByteBuf set) {
    return Seen.batches(set).stream().anyMatch(batch -> batch.flags().contains("append"));
  }

  /** Compares everything about batches except their compressed size. */
  private static List<Seen.Batch> withoutSizes(ByteBuf set) {
    return Seen.byKafka(Seen.kafka(set)).stream()
        .map(b ->
            new Seen.Batch(
                0,
                b.magic(),
                b.codec(),
                b.baseOffset(),
                b.lastOffset(),
                b.maxTimestamp(),
                b.flags(),
                b.producer(),
                b.leaderEpoch(),
                b.count()))
        .toList();
  }

  /** The records that Kafka reads, with verified checksums. */
  private static List<Seen.One> valid(ByteBuf set) {
    MemoryRecords records = Seen.kafka(set);
    for (RecordBatch batch : records.batches()) {
      batch.ensureValid();
      batch.forEach(record -> record.ensureValid());
    }
    assertThat(records.validBytes()).isEqualTo(set.readableBytes());
    return Seen.recordsByKafka(records);
  }

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.records.RandomBatches#kinds")
  void changesValuesAddsHeadersLeavesOutRecords(Kind kind) {
    RandomGenerator random = Seed.random("valuesAreChanged", kind);
    ByteBuf value = Unpooled.copiedBuffer("changed", UTF_8);
    for (int i = 0; i < ROUNDS; i++) {
      ByteBuf set = RandomBatches.set(kind, random);
      ByteBuf changed = Unpooled.buffer();
      List<Seen.One> expected = new ArrayList<>();
      List<Seen.One> before = Seen.records(set);
      int at = 0;
      for (BatchCursor b = BatchCursor.of(set); b.next(); ) {
        BatchBuilder out = BatchBuilder.like(b, changed);
        for (RecordCursor r = b.records(Seen.ENOUGH); r.next(); ) {
          Seen.One one = before.get(at++);
          if (random.nextInt(3) == 0) {
            continue;
          }
          List<String> headers = new ArrayList<>(one.headers());
          out.headers(r);
          if (kind.magic() == 2) {
            out.header("new", null);
            headers.add("new=null");
          }
          out.add(r.offset(), r.timestamp(), r.key(), value);
          expected.add(
              new Seen.One(
                  one.offset(),
                  one.timestamp(),
                  one.sequence(),
                  one.key(),
                  ByteBufUtil.hexDump(value),
                  headers));
        }
        out.finish();
      }
      assertThat(valid(changed)).as(Seed.replay()).isEqualTo(expected);
      assertThat(Seen.records(changed)).as(Seed.replay()).isEqualTo(expected);
      if (kind.magic() == 2) {
        assertThat(lastOffsets(changed)).as(Seed.replay()).isEqualTo(lastOffsets(set));
      }
    }
  }

  private static List<Long> lastOffsets(ByteBuf set) {
    return Seen.batches(set).stream().map(Seen.Batch::lastOffset).toList();
  }

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.records.RandomBatches#kinds")
  void renumberedOffsetsHaveNoGaps(Kind kind) {
    ByteBuf set = three(kind.magic(), kind.codec());
    ByteBuf out = Unpooled.buffer();
    for (BatchCursor b = BatchCursor.of(set); b.next(); ) {
      BatchBuilder builder = BatchBuilder.renumbering(b, out);
      for (RecordCursor r = b.records(Seen.ENOUGH); r.next(); ) {
        if (r.offset() != 1) {
          builder.add(r);
        }
      }
      builder.finish();
    }
    boolean together = kind.magic() == 2 || kind.codec() != Codec.NONE;
    assertThat(valid(out).stream().map(Seen.One::offset)).containsExactly(0L, together ? 1L : 2L);
    assertThat(lastOffsets(out)).last().isEqualTo(together ? 1L : 2L);
  }

  /** Records of offsets 0 to 2. */
  static ByteBuf three(int magic, Codec codec) {
    return Unpooled.wrappedBuffer(
        MemoryRecords.withRecords(
                (byte) magic,
                0L,
                Compression.of(CompressionType.forId(codec.ordinal())).build(),
                magic == 0 ? TimestampType.NO_TIMESTAMP_TYPE : TimestampType.CREATE_TIME,
                record("a"),
                record("b"),
                record("c"))
            .buffer());
  }

  private static SimpleRecord record(String value) {
    return new SimpleRecord(
        1000, ByteBuffer.wrap(new byte[10]), ByteBuffer.wrap(value.getBytes(UTF_8)));
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void anEmptyBatchKeepsItsOffsets(Codec codec) {
    BatchCursor b = BatchCursor.of(three(2, codec));
    assertThat(b.next()).isTrue();
    ByteBuf empty = Unpooled.buffer();
    BatchBuilder.like(b, empty).finish();

    assertThat(valid(empty)).isEmpty();
    RecordBatch theirs = Seen.kafka(empty).batches().iterator().next();
    assertThat(theirs.lastOffset()).isEqualTo(2);
    assertThat(theirs.countOrNull()).isZero();
    assertThat(Seen.records(empty)).isEmpty();

    ByteBuf nothing = Unpooled.buffer();
    BatchBuilder.renumbering(b, nothing).finish();
    assertThat(nothing.isReadable()).isFalse();
  }

  /** Readers of magic 0 expect Kafka's wrong checksum; all others expect the right one. */
  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.records.RandomBatches#kinds")
  void lz4HeadersAreThoseOfKafka(Kind kind) {
    if (kind.codec() != Codec.LZ4) {
      return;
    }
    ByteBuf set = three(kind.magic(), Codec.LZ4);
    BatchCursor b = BatchCursor.of(set);
    assertThat(b.next()).isTrue();
    ByteBuf copy = Unpooled.buffer();
    BatchBuilder out = BatchBuilder.like(b, copy);
    for (RecordCursor r = b.records(Seen.ENOUGH); r.next(); ) {
      out.add(r);
    }
    out.finish();
    assertThat(lz4Header(copy)).isEqualTo(lz4Header(set));
  }

  private static String lz4Header(ByteBuf batch) {
    String all = ByteBufUtil.hexDump(batch);
    int at = all.indexOf("04224d18");
    return all.substring(at, at + 14);
  }

  @Test
  void offsetsOutsideTheBatchAreRefused() {
    BatchCursor b = BatchCursor.of(three(2, Codec.NONE));
    assertThat(b.next()).isTrue();
    BatchBuilder out = BatchBuilder.like(b, Unpooled.buffer());
    out.add(1, 0, null, null);
    assertThatIllegalArgumentException().isThrownBy(() -> out.add(1, 0, null, null));
    assertThatIllegalArgumentException().isThrownBy(() -> out.add(3, 0, null, null));
  }

  @Test
  void oldMessagesHaveNoHeaders() {
    BatchCursor b = BatchCursor.of(three(1, Codec.NONE));
    assertThat(b.next()).isTrue();
    BatchBuilder out = BatchBuilder.like(b, Unpooled.buffer());
    assertThatIllegalStateException().isThrownBy(() -> out.header("name", null));
  }
}
