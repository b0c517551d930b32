package io.gatehouse.wire.records;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gatehouse.wire.Allocation;
import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes are records or a {@link MalformedMessage}, within the memory limit. Kafka sees the same
 * records, also in a copy written by BatchBuilder.
 */
@Tag("fuzz")
class RecordsFuzz {

  private static final int BOUND = 64 << 10;

  /** Buffers of the codecs, for each batch. */
  private static final int BESIDE = 512 << 10;

  private static final int HEAD = 2;
  private static final int LONG_SEED = 2000;

  private static final List<RandomBatches.Kind> KINDS = RandomBatches.kinds().toList();

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "2m")
  void anySet(byte[] bytes) {
    ByteBuf set = Unpooled.wrappedBuffer(bytes);
    Allocation.check("batches", bytes.length, () -> headers(set));
    Allocation.atMost("records", BOUND + BESIDE + 2L * bytes.length, () -> firstRecords(set));
    SameRecordsTest.check(bytes);
    copy(set);
  }

  private static void headers(ByteBuf set) {
    BatchCursor b = BatchCursor.of(set);
    while (b.next()) {}
  }

  private static void firstRecords(ByteBuf set) {
    BatchCursor b = BatchCursor.of(set);
    if (b.next()) {
      RecordCursor r = b.records(BOUND);
      while (r.next()) {}
    }
  }

  private static void copy(ByteBuf set) {
    ByteBuf copy = Unpooled.buffer();
    try {
      for (BatchCursor b = BatchCursor.of(set); b.next(); ) {
        BatchBuilder out = BatchBuilder.like(b, copy);
        for (RecordCursor r = b.records(BOUND); r.next(); ) {
          out.add(r);
        }
        out.finish();
      }
    } catch (MalformedMessage e) {
      return;
    }
    assertThat(Seen.records(copy)).isEqualTo(Seen.records(set));
    for (BatchCursor b = BatchCursor.of(copy); b.next(); ) {
      b.checkCrc();
    }
    SameRecordsTest.check(ByteBufUtil.getBytes(copy));
  }

  /** The first byte chooses format and codec, the second the number of records. */
  @MethodSource("recordSeeds")
  @FuzzTest(maxDuration = "2m")
  void anyRecords(byte[] bytes) {
    if (bytes.length < HEAD) {
      return;
    }
    RandomBatches.Kind kind = KINDS.get((bytes[0] & 0xff) % KINDS.size());
    ByteBuf records = Unpooled.wrappedBuffer(bytes, HEAD, bytes.length - HEAD);
    ByteBuf set;
    if (kind.magic() == 2) {
      set = BatchCursorTest.batch(kind.codec(), bytes[1] & 7, records);
    } else if (kind.codec() == Codec.NONE) {
      set = records;
    } else {
      set = BatchCursorTest.oldBatch(kind.magic(), kind.codec(), bytes[1], records);
    }
    anySet(ByteBufUtil.getBytes(set));
  }

  /** Short sets of each kind. */
  static Stream<byte[]> seeds() {
    return KINDS.stream()
        .flatMap(kind ->
            IntStream.range(0, 100)
                .mapToObj(seed -> RandomBatches.set(kind, new SplittableRandom(seed)))
                .filter(set -> set.readableBytes() < LONG_SEED)
                .limit(3))
        .map(ByteBufUtil::getBytes);
  }

  static Stream<byte[]> recordSeeds() {
    return IntStream.range(0, KINDS.size())
        .mapToObj(kind -> {
          int magic = KINDS.get(kind).magic();
          ByteBuf set = BatchBuilderTest.three(magic, Codec.NONE);
          set.skipBytes(magic == 2 ? BatchCursor.RECORDS : 0);
          return ByteBufUtil.getBytes(
              Unpooled.buffer().writeByte(kind).writeByte(magic == 2 ? 3 : 2).writeBytes(set));
        });
  }
}
