package io.gatehouse.wire.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.gatehouse.wire.Allocation;
import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.stream.Stream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyOutputStream;

/** Valid input of clients other than Kafka's own, and invalid input. */
class CompressionTest {

  private static final int BOUND = 1 << 20;

  /** Buffers of a codec, and the stack of its call. */
  private static final int BESIDE = 256 << 10;

  @ParameterizedTest
  @EnumSource(value = Codec.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aDecompressionBombIsRefusedAtTheLimit(Codec codec) {
    ByteBuf bomb = batch(codec, value(64 << 20));
    BatchCursor b = first(bomb);
    assertThat(b.recordCount()).isOne();
    assertThatExceptionOfType(MalformedMessage.class)
        .isThrownBy(() -> b.records(BOUND))
        .withMessageContaining(
            codec + ": " + (b.size() - 61) + " bytes decompress to more than " + BOUND)
        .satisfies(e -> assertThat(e.position()).isEqualTo(61));
    Allocation.atMost(
        codec + " bomb", BOUND + bomb.readableBytes() + BESIDE, () -> b.records(BOUND));
  }

  @ParameterizedTest
  @EnumSource(value = Codec.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void theBoundIsExact(Codec codec) {
    ByteBuf records = value(300_000);
    int size = records.readableBytes();
    BatchCursor b = first(batch(codec, records));
    RecordCursor r = b.records(size);
    assertThat(r.next()).isTrue();
    assertThat(r.valueSize()).isEqualTo(300_000);
    assertThat(r.next()).isFalse();
    assertThatExceptionOfType(MalformedMessage.class).isThrownBy(() -> b.records(size - 1));
    assertThatExceptionOfType(MalformedMessage.class).isThrownBy(() -> b.records(0));
  }

  /** A snappy block may declare any size. */
  @Test
  void nothingIsAllocatedForADeclaredSnappySize() {
    ByteBuf compressed = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("ffffff7f00000000"));
    BatchCursor b = first(raw(Codec.SNAPPY, compressed));
    Allocation.atMost("snappy", BESIDE, () -> b.records(Integer.MAX_VALUE));
    assertThatExceptionOfType(MalformedMessage.class)
        .isThrownBy(() -> b.records(Integer.MAX_VALUE))
        .withMessageContaining("a block of 8 bytes that says it holds 268435455");
  }

  /** A streaming compressor, as clients in other languages set it up. */
  interface Framing {
    OutputStream around(OutputStream out) throws IOException;
  }

  record Framed(String name, Codec codec, Framing framing) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Framed> framings() {
    return Stream.of(
        lz4("lz4 of 4 MiB blocks", BLOCKSIZE.SIZE_4MB),
        lz4("lz4 of 256 KiB blocks", BLOCKSIZE.SIZE_256KB),
        lz4(
            "lz4 with checksums",
            BLOCKSIZE.SIZE_64KB,
            FLG.Bits.BLOCK_CHECKSUM,
            FLG.Bits.CONTENT_CHECKSUM),
        new Framed(
            "snappy of small blocks", Codec.SNAPPY, out -> new SnappyOutputStream(out, 1024)),
        new Framed(
            "zstd of the largest window",
            Codec.ZSTD,
            out -> new ZstdOutputStreamNoFinalizer(out, 22)),
        new Framed(
            "zstd with a checksum",
            Codec.ZSTD,
            out -> new ZstdOutputStreamNoFinalizer(out, 1).setChecksum(true)));
  }

  private static Framed lz4(String name, BLOCKSIZE size, FLG.Bits... bits) {
    FLG.Bits[] all =
        Stream.concat(Stream.of(FLG.Bits.BLOCK_INDEPENDENCE), Stream.of(bits))
            .toArray(FLG.Bits[]::new);
    return new Framed(name, Codec.LZ4, out -> new LZ4FrameOutputStream(out, size, all));
  }

  @ParameterizedTest
  @MethodSource("framings")
  void otherClientsFramings(Framed framed) throws IOException {
    ByteBuf records = value(700_000);
    ByteBuf set = raw(framed.codec, compressed(framed.framing, records));
    assertThat(Seen.records(set)).isEqualTo(Seen.recordsByKafka(Seen.kafka(set))).hasSize(1);
  }

  private static ByteBuf compressed(Framing framing, ByteBuf records) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = framing.around(bytes)) {
      out.write(ByteBufUtil.getBytes(records));
    }
    return Unpooled.wrappedBuffer(bytes.toByteArray());
  }

  @Test
  void snappyWithoutAFrame() throws IOException {
    ByteBuf set =
        raw(
            Codec.SNAPPY,
            Unpooled.wrappedBuffer(Snappy.compress(ByteBufUtil.getBytes(value(1000)))));
    assertThat(Seen.records(set)).isEqualTo(Seen.recordsByKafka(Seen.kafka(set))).hasSize(1);
  }

  @Test
  void framesOfSnappyOneAfterTheOther() throws IOException {
    ByteBuf records = value(1000).slice();
    ByteBuf two =
        Unpooled.wrappedBuffer(
            compressed(SnappyOutputStream::new, records.slice(0, 100)),
            compressed(SnappyOutputStream::new, records.slice(100, records.readableBytes() - 100)));
    ByteBuf set = raw(Codec.SNAPPY, two);
    assertThat(Seen.records(set)).isEqualTo(Seen.recordsByKafka(Seen.kafka(set))).hasSize(1);
  }

  /** Every prefix of the compressed bytes, and every flipped bit. */
  @ParameterizedTest
  @EnumSource(value = Codec.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void corruptBytesAreRefusedOrRead(Codec codec) {
    ByteBuf whole = Unpooled.buffer();
    Compression.compress(codec, 2, value(200), whole);
    for (int i = 0; i < whole.readableBytes(); i++) {
      read(raw(codec, whole.slice(0, i)));
      for (int bit = 0; bit < 8; bit++) {
        ByteBuf damaged = whole.copy();
        damaged.setByte(i, damaged.getByte(i) ^ (1 << bit));
        read(raw(codec, damaged));
      }
    }
  }

  private static void read(ByteBuf set) {
    try {
      RecordCursor r = first(set).records(BOUND);
      while (r.next()) {}
    } catch (MalformedMessage e) {
      assertThat(e.position()).isBetween(0, set.readableBytes());
    }
  }

  private static BatchCursor first(ByteBuf set) {
    BatchCursor b = BatchCursor.of(set);
    assertThat(b.next()).isTrue();
    return b;
  }

  /** One record without key and headers, whose value has so many zeros. */
  private static ByteBuf value(int size) {
    ByteBuf record = Unpooled.buffer();
    BatchCursor like = first(BatchBuilderTest.three(2, Codec.NONE));
    BatchBuilder out = BatchBuilder.like(like, record);
    out.add(0, like.baseTimestamp(), null, Unpooled.wrappedBuffer(new byte[size]));
    out.finish();
    return record.skipBytes(BatchCursor.RECORDS);
  }

  private static ByteBuf batch(Codec codec, ByteBuf records) {
    return BatchCursorTest.batch(codec, 1, records.duplicate());
  }

  private static ByteBuf raw(Codec codec, ByteBuf compressed) {
    ByteBuf set = BatchCursorTest.batch(Codec.NONE, 0, compressed);
    set.setShort(BatchCursor.ATTRIBUTES, codec.ordinal());
    return set.setInt(BatchCursor.RECORD_COUNT, 1);
  }
}
