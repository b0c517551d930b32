package io.gatehouse.gateway.access;

import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Reads and writes whole frames with their lengths. */
final class RequestFrames {

  private static final int LENGTH_BYTES = 4;

  private RequestFrames() {}

  /** The body of a request. */
  static Struct read(Layout layout, ByteBuf frame) {
    ByteBuf in = frame.duplicate().skipBytes(LENGTH_BYTES);
    var _ = Headers.readRequest(in);
    return TreeReader.read(layout, in);
  }

  /** The body of a response. */
  static Struct readResponse(Layout layout, ByteBuf frame) {
    ByteBuf in = frame.duplicate().skipBytes(LENGTH_BYTES);
    var _ = Headers.readResponse(layout.message().apiKey(), layout.version(), in);
    return TreeReader.read(layout, in);
  }

  /** A request with the same header and another body; the caller owns it. */
  static ByteBuf with(ByteBuf frame, Struct body) {
    int at = frame.readerIndex() + LENGTH_BYTES;
    ByteBuf in = frame.duplicate().readerIndex(at);
    var _ = Headers.readRequest(in);
    int header = in.readerIndex() - at;
    int size = header + TreeWriter.size(body);
    ByteBuf request = frame.alloc().directBuffer(LENGTH_BYTES + size).writeInt(size);
    request.writeBytes(frame, at, header);
    TreeWriter.write(body, request);
    return request;
  }

  /** A response, which the caller owns. */
  static ByteBuf response(
      Layout layout, int correlationId, Struct body, ByteBufAllocator allocator) {
    Struct header = Headers.response(layout.message().apiKey(), layout.version(), correlationId);
    int size = TreeWriter.size(header) + TreeWriter.size(body);
    ByteBuf frame = allocator.directBuffer(LENGTH_BYTES + size).writeInt(size);
    TreeWriter.write(header, frame);
    TreeWriter.write(body, frame);
    return frame;
  }
}
