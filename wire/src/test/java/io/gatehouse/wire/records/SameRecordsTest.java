package io.gatehouse.wire.records;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.Damage;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.Seed;
import io.gatehouse.wire.records.RandomBatches.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kafka's classes and RecordCursor read the same from batches that Kafka's classes write. */
class SameRecordsTest {

  private static final int ROUNDS = 20;

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.records.RandomBatches#kinds")
  void readsWhatKafkaWrites(Kind kind) {
    RandomGenerator random = Seed.random("readsWhatKafkaWrites", kind);
    for (int i = 0; i < ROUNDS; i++) {
      ByteBuf set = RandomBatches.set(kind, random);
      MemoryRecords theirs = Seen.kafka(set);
      for (ByteBuf form : forms(set, random)) {
        int readerIndex = form.readerIndex();
        assertThat(Seen.batches(form)).as(Seed.replay()).isEqualTo(Seen.byKafka(theirs));
        assertThat(Seen.records(form)).as(Seed.replay()).isEqualTo(Seen.recordsByKafka(theirs));
        checkCrcs(form);
        assertThat(form.readerIndex()).isEqualTo(readerIndex);
        assertThat(form.refCnt()).isEqualTo(1);
        form.release();
      }
    }
  }

  /** The same bytes on the heap, off the heap, in pieces, and at an offset. */
  private static List<ByteBuf> forms(ByteBuf set, RandomGenerator random) {
    int cut = random.nextInt(set.readableBytes());
    CompositeByteBuf pieces = Unpooled.compositeBuffer();
    pieces.addComponent(true, set.copy(0, cut));
    pieces.addComponent(
        true, Unpooled.directBuffer().writeBytes(set, cut, set.writerIndex() - cut));
    return List.of(
        set,
        Unpooled.directBuffer().writeZero(7).skipBytes(7).writeBytes(set, 0, set.writerIndex()),
        pieces);
  }

  private static void checkCrcs(ByteBuf set) {
    for (BatchCursor b = BatchCursor.of(set); b.next(); ) {
      b.checkCrc();
      for (RecordCursor r = b.records(Seen.ENOUGH); r.next(); ) {
        r.checkCrc();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.gatehouse.wire.records.RandomBatches#kinds")
  void corruptInputIsReadAsKafkaDoesOrRefused(Kind kind) {
    RandomGenerator random = Seed.random("corruptInputIsReadAsKafkaDoesOrRefused", kind);
    for (int i = 0; i < ROUNDS; i++) {
      byte[] set = ByteBufUtil.getBytes(RandomBatches.set(kind, random));
      for (int j = 0; j < 10; j++) {
        check(Damage.to(set, random));
      }
    }
  }

  /** Any bytes are refused, or Kafka reads the same from them unless it refuses them. */
  static void check(byte[] bytes) {
    ByteBuf set = Unpooled.wrappedBuffer(bytes);
    List<Seen.Batch> batches;
    List<Seen.One> records;
    try {
      batches = Seen.batches(set);
      records = Seen.records(set);
    } catch (MalformedMessage e) {
      assertThat(e.position()).isBetween(0, bytes.length);
      return;
    }
    MemoryRecords theirs = Seen.kafka(set);
    List<Seen.Batch> theirBatches;
    List<Seen.One> theirRecords;
    try {
      theirBatches = Seen.byKafka(theirs);
      theirRecords = Seen.recordsByKafka(theirs);
    } catch (RuntimeException | OutOfMemoryError e) {
      // Kafka accepts less in a few places, and does not bound its memory.
      return;
    }
    assertThat(batches).as(Seed.replay()).isEqualTo(theirBatches);
    assertThat(records).as(Seed.replay()).isEqualTo(theirRecords);
  }
}
