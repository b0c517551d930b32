package io.gatehouse.wire.records;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/**
 * Decompresses snappy in the framing of snappy-java (xerial): a magic number and two versions, then
 * blocks with their lengths; several such streams may follow each other. Bytes without the magic
 * number are a single block, as some clients write.
 *
 * <p>snappy-java's own stream allocates whatever size a block declares. This class first compares
 * the declared size with the compressed size and the limit.
 */
final class SnappyDecompressor implements Compression.Decompressor {

  private static final long MAGIC = 0x82534e4150505900L;
  private static final int MAGIC_AS_LENGTH = (int) (MAGIC >> 32);
  private static final int VERSIONS = 8;
  private static final int HEADER = 8 + VERSIONS;

  /** An element of a block encodes at most 64 bytes and takes more than one byte. */
  private static final int MOST_PER_BYTE = 64;

  private final ByteBuf in;
  private final boolean framed;

  SnappyDecompressor(ByteBuf in) throws IOException {
    this.in = in;
    this.framed = in.readableBytes() >= HEADER && in.getLong(0) == MAGIC;
    if (!in.isReadable()) {
      throw new IOException("no bytes");
    }
  }

  @Override
  public @Nullable ByteBuf next(int left) throws IOException {
    if (!framed) {
      return in.isReadable() ? block(in.readableBytes(), left) : null;
    }
    while (in.isReadable()) {
      require(4);
      int length = in.readInt();
      if (length != MAGIC_AS_LENGTH) {
        require(length);
        return block(length, left);
      }
      require(HEADER - 4);
      if (in.readInt() != (int) MAGIC || in.readInt() < 1) {
        throw new IOException("an unknown version of the framing");
      }
      in.skipBytes(4);
    }
    return null;
  }

  private ByteBuf block(int length, int left) throws IOException {
    byte[] block = ByteBufUtil.getBytes(in.readSlice(length));
    int size = Snappy.uncompressedLength(block, 0, length);
    if (size > left) {
      throw new Compression.TooLarge();
    }
    if (size < 0 || size / MOST_PER_BYTE > length) {
      throw new IOException("a block of " + length + " bytes that says it holds " + size);
    }
    byte[] piece = new byte[size];
    int written = Snappy.uncompress(block, 0, length, piece, 0);
    return Unpooled.wrappedBuffer(piece, 0, written);
  }

  private void require(int bytes) throws IOException {
    if (bytes < 0 || bytes > in.readableBytes()) {
      throw new IOException(bytes + " bytes where " + in.readableBytes() + " are left");
    }
  }
}
