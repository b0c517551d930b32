package io.gatehouse.wire.records;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.SnappyError;
import org.xerial.snappy.SnappyOutputStream;

/** Compresses and decompresses with each codec, in the framing of Kafka's clients. */
final class Compression {

  private static final int BUFFER = 8 << 10;
  private static final int SMALLEST_PIECE = 4 << 10;
  private static final int USUAL_RATIO = 4;

  private Compression() {}

  /** Decompresses piece by piece. */
  interface Decompressor extends AutoCloseable {

    /**
     * The next piece, or null after the last one.
     *
     * @param left the largest size of the piece in bytes
     * @throws TooLarge if it is larger
     */
    @Nullable ByteBuf next(int left) throws IOException;

    @Override
    default void close() throws IOException {}
  }

  /** The decompressed bytes exceed the caller's limit. */
  static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** Decompresses the batch's records, which are the bytes {@code [from, to)}. */
  static ByteBuf decompress(BatchCursor batch, ByteBuf in, int from, int to, int maxBytes) {
    Codec codec = batch.codec();
    ByteBuf compressed = in.slice(from, to - from);
    List<ByteBuf> pieces = new ArrayList<>(1);
    try (Decompressor source = decompressor(codec, batch.magic(), compressed)) {
      int left = maxBytes;
      for (ByteBuf piece = source.next(left); piece != null; piece = source.next(left)) {
        left -= piece.readableBytes();
        pieces.add(piece);
      }
    } catch (TooLarge e) {
      throw new MalformedMessage(
          codec + ": " + (to - from) + " bytes decompress to more than " + maxBytes, from);
    } catch (IOException | RuntimeException | SnappyError e) {
      // The libraries throw unspecified exceptions for invalid input.
      throw new MalformedMessage(codec + ": cannot be decompressed: " + e, from);
    }
    return Unpooled.wrappedBuffer(pieces.size() + 1, pieces.toArray(ByteBuf[]::new));
  }

  private static Decompressor decompressor(Codec codec, int magic, ByteBuf in) throws IOException {
    return switch (codec) {
      case NONE -> throw new IllegalArgumentException("not compressed");
      case GZIP ->
          new StreamDecompressor(new GZIPInputStream(new ByteBufInputStream(in), BUFFER), in);
      case SNAPPY -> new SnappyDecompressor(in);
      case LZ4 -> new Lz4Decompressor(in, magic == 0);
      case ZSTD ->
          new StreamDecompressor(
              new ZstdInputStreamNoFinalizer(
                  new ByteBufInputStream(in), RecyclingBufferPool.INSTANCE),
              in);
    };
  }

  /** Reads a stream in pieces of doubling size, so that little input never takes much memory. */
  private static final class StreamDecompressor implements Decompressor {

    private final InputStream stream;
    private int size;

    StreamDecompressor(InputStream stream, ByteBuf compressed) {
      this.stream = stream;
      this.size = Math.max(SMALLEST_PIECE, USUAL_RATIO * compressed.readableBytes());
    }

    @Override
    public @Nullable ByteBuf next(int left) throws IOException {
      if (left == 0) {
        if (stream.read() >= 0) {
          throw new TooLarge();
        }
        return null;
      }
      byte[] piece = new byte[Math.min(size, left)];
      size = piece.length > Integer.MAX_VALUE / 2 ? piece.length : 2 * piece.length;
      int read = stream.readNBytes(piece, 0, piece.length);
      return read == 0 ? null : Unpooled.wrappedBuffer(piece, 0, read);
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }

  /** Compresses the readable bytes of {@code records} and appends them to {@code target}. */
  static void compress(Codec codec, int magic, ByteBuf records, ByteBuf target) {
    int at = target.writerIndex();
    try (OutputStream out = stream(codec, new ByteBufOutputStream(target))) {
      records.readBytes(out, records.readableBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (codec == Codec.LZ4 && magic == 0) {
      Lz4Decompressor.writeOldChecksum(target, at);
    }
  }

  private static OutputStream stream(Codec codec, OutputStream out) throws IOException {
    return switch (codec) {
      case NONE -> out;
      case GZIP -> new GZIPOutputStream(out, BUFFER);
      case SNAPPY -> new SnappyOutputStream(out);
      case LZ4 -> new LZ4FrameOutputStream(out, BLOCKSIZE.SIZE_64KB, FLG.Bits.BLOCK_INDEPENDENCE);
      case ZSTD -> new ZstdOutputStreamNoFinalizer(out, RecyclingBufferPool.INSTANCE);
    };
  }
}
