package io.gatehouse.wire.records;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import net.jpountz.xxhash.XXHashFactory;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses an LZ4 frame (lz4_Frame_format.md) with independent blocks, as Kafka writes them. In
 * messages of magic 0, Kafka's header checksum included the magic number (KIP-57), so it is not
 * verified there.
 */
final class Lz4Decompressor implements Compression.Decompressor {

  private static final int MAGIC = 0x184D2204;
  private static final int DESCRIPTOR = 4;
  private static final int CONTENT_SIZE = 8;

  private static final int VERSION_MASK = 0b1100_0000;
  private static final int VERSION = 0b0100_0000;
  private static final int INDEPENDENT = 0b0010_0000;
  private static final int BLOCK_CHECKSUMS = 0b0001_0000;
  private static final int HAS_CONTENT_SIZE = 0b0000_1000;
  private static final int CONTENT_CHECKSUM = 0b0000_0100;
  private static final int RESERVED = 0b0000_0011;

  private static final int NOT_COMPRESSED = 1 << 31;

  /** A byte of a block encodes a run of at most this length. */
  private static final int MOST_PER_BYTE = 255;

  private static final LZ4SafeDecompressor DECOMPRESSOR =
      LZ4Factory.fastestInstance().safeDecompressor();

  private final ByteBuf in;
  private final int flags;
  private final int largestBlock;
  private boolean ended;
  private byte[] scratch = {};

  Lz4Decompressor(ByteBuf in, boolean wrongChecksum) throws IOException {
    this.in = in;
    require(DESCRIPTOR + 3);
    if (in.readIntLE() != MAGIC) {
      throw new IOException("no LZ4 frame");
    }
    flags = in.readByte();
    int sizes = in.readByte();
    int code = sizes >> 4;
    if ((flags & (VERSION_MASK | INDEPENDENT | RESERVED)) != (VERSION | INDEPENDENT)
        || (sizes & 0xf) != 0
        || code < 4
        || code > 7) {
      throw new IOException("an LZ4 frame of a kind that Kafka does not read");
    }
    largestBlock = 1 << (2 * code + 8);
    if ((flags & HAS_CONTENT_SIZE) != 0) {
      require(CONTENT_SIZE + 1);
      in.skipBytes(CONTENT_SIZE);
    }
    byte expected = headerChecksum(in, DESCRIPTOR, in.readerIndex());
    if (in.readByte() != expected && !wrongChecksum) {
      throw new IOException("a wrong checksum in the LZ4 header");
    }
  }

  @Override
  public @Nullable ByteBuf next(int left) throws IOException {
    if (ended) {
      return null;
    }
    require(4);
    int word = in.readIntLE();
    int size = word & ~NOT_COMPRESSED;
    if (size == 0) {
      ended = true;
      // As in Kafka, the content's checksum is not verified: batches have their own.
      require((flags & CONTENT_CHECKSUM) != 0 ? 4 : 0);
      return null;
    }
    if (size > largestBlock) {
      throw new IOException("an LZ4 block of " + size + " bytes");
    }
    boolean checksum = (flags & BLOCK_CHECKSUMS) != 0;
    require(size + (checksum ? 4 : 0));
    byte[] block = ByteBufUtil.getBytes(in.readSlice(size));
    if (checksum && in.readIntLE() != hash(block)) {
      throw new IOException("a wrong checksum of an LZ4 block");
    }
    if ((word & NOT_COMPRESSED) == 0) {
      return decompress(block, left);
    }
    if (size > left) {
      throw new Compression.TooLarge();
    }
    return Unpooled.wrappedBuffer(block);
  }

  private ByteBuf decompress(byte[] block, int left) throws IOException {
    int most = (int) Math.min(largestBlock, (long) MOST_PER_BYTE * block.length);
    int room = Math.min(most, left);
    if (scratch.length < room) {
      scratch = new byte[room];
    }
    int size;
    try {
      size = DECOMPRESSOR.decompress(block, 0, block.length, scratch, 0, room);
    } catch (LZ4Exception e) {
      if (room < most) {
        // The block may be corrupt instead, but telling that would take more memory.
        throw new Compression.TooLarge();
      }
      throw e;
    }
    if (size < scratch.length) {
      return Unpooled.wrappedBuffer(Arrays.copyOf(scratch, size));
    }
    ByteBuf piece = Unpooled.wrappedBuffer(scratch);
    scratch = new byte[0];
    return piece;
  }

  private void require(int bytes) throws IOException {
    if (bytes > in.readableBytes()) {
      throw new IOException("an LZ4 frame that ends early");
    }
  }

  private static int hash(byte[] bytes) {
    return XXHashFactory.fastestInstance().hash32().hash(bytes, 0, bytes.length, 0);
  }

  private static byte headerChecksum(ByteBuf frame, int from, int to) {
    return (byte) (hash(ByteBufUtil.getBytes(frame, from, to - from)) >> 8);
  }

  /**
   * Writes the header checksum that readers of magic 0 expect, into a frame without a content size.
   *
   * @param at index of the frame's first byte
   */
  static void writeOldChecksum(ByteBuf frame, int at) {
    int checksumAt = at + DESCRIPTOR + 2;
    frame.setByte(checksumAt, headerChecksum(frame, at, checksumAt));
  }
}
