package io.gatehouse.wire.refuse;

import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.walk.Edits;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Writes one error response. */
final class ResponseWriter {

  /** Only the first errors carry the message, because it may be long; all of them have the code. */
  private static final int MOST_MESSAGES = 100;

  private final ByteBuf request;
  private final RequestScan scan;
  private final ByteBuf out;
  private final ErrorResponse.Failure failure;
  private int messages;

  /** For each request struct, the positions of its fields of interest. */
  private final int[][] found;

  ResponseWriter(
      ByteBuf request, RequestScan scan, ByteBuf out, ErrorResponse.Failure failure, int structs) {
    this.request = request;
    this.scan = scan;
    this.out = out;
    this.failure = failure;
    this.found = new int[structs][];
  }

  /**
   * Writes the response struct for the request struct at the cursor, and moves the cursor behind
   * that.
   *
   * @throws RequestScan.LimitExceeded if the response would be longer than {@code out} can be
   * @throws NoResponse if the client expects none
   */
  void write(ResponseTemplate form) throws NoResponse {
    int[] begins = pass(form.scan());
    int behind = scan.at;
    for (ResponseTemplate.Part part : form.parts()) {
      switch (part) {
        case ResponseTemplate.Constant constant ->
            room(constant.bytes.length).writeBytes(constant.bytes);
        case ResponseTemplate.Acks acks -> {
          if (request.getShort(begins[acks.slot()]) == 0) {
            throw new NoResponse("it asks for no answer");
          }
        }
        case ResponseTemplate.ErrorCode _ -> room(2).writeShort(failure.code);
        case ResponseTemplate.ErrorMessage message -> message(message.to());
        case ResponseTemplate.Copy copy -> copy(begins[copy.slot()], copy.from(), copy.to());
        case ResponseTemplate.Each each -> each(begins, each);
      }
    }
    scan.at = behind;
  }

  private int[] pass(ResponseTemplate.Scan struct) {
    int[] begins = found[struct.id];
    if (begins == null) {
      begins = new int[struct.size()];
      found[struct.id] = begins;
    }
    scan.struct(struct.struct, struct.slots, begins);
    return begins;
  }

  private void each(int[] begins, ResponseTemplate.Each each) throws NoResponse {
    int count = 0;
    for (ResponseTemplate.Source source : each.sources()) {
      count += count(begins[source.slot()], source);
    }
    if (each.to().compact()) {
      varint(count + 1);
    } else {
      room(4).writeInt(count);
    }
    for (ResponseTemplate.Source source : each.sources()) {
      elements(begins[source.slot()], source);
    }
  }

  private int count(int begin, ResponseTemplate.Source source) {
    scan.at = begin;
    int count = scan.count(source.array());
    ResponseTemplate.Scan outer = source.outer();
    ResponseTemplate.Source inner = source.inner();
    if (outer == null || inner == null) {
      return count;
    }
    int sum = 0;
    for (int i = 0; i < count; i++) {
      int[] begins = pass(outer);
      int next = scan.at;
      sum += count(begins[inner.slot()], inner);
      scan.at = next;
    }
    return sum;
  }

  private void elements(int begin, ResponseTemplate.Source source) throws NoResponse {
    scan.at = begin;
    int count = scan.count(source.array());
    scan.charge(count);
    ResponseTemplate.Scan outer = source.outer();
    ResponseTemplate.Source inner = source.inner();
    ResponseTemplate element = source.element();
    for (int i = 0; i < count; i++) {
      if (element != null) {
        write(element);
      } else if (outer != null && inner != null) {
        int[] begins = pass(outer);
        int next = scan.at;
        elements(begins[inner.slot()], inner);
        scan.at = next;
      }
    }
  }

  private void copy(int begin, FieldLayout from, FieldLayout to) {
    scan.at = begin;
    int width = from.type().width();
    if (width > 0) {
      room(width).writeBytes(request, begin, width);
      return;
    }
    int length = scan.length(from);
    if (length < 0) {
      length(to, to.nullable() ? -1 : 0);
      return;
    }
    length(to, length);
    room(length).writeBytes(request, scan.at, length);
  }

  private void message(FieldLayout to) {
    byte @Nullable [] text = messages < MOST_MESSAGES || !to.nullable() ? failure.message : null;
    messages++;
    length(to, text != null ? text.length : to.nullable() ? -1 : 0);
    if (text != null) {
      room(text.length).writeBytes(text);
    }
  }

  private void length(FieldLayout to, int length) {
    if (to.compact()) {
      varint(length + 1);
    } else if (to.type() == FieldType.STRING) {
      room(2).writeShort(length);
    } else {
      room(4).writeInt(length);
    }
  }

  private void varint(int value) {
    byte[] bytes = Edits.varint(value);
    room(bytes.length).writeBytes(bytes);
  }

  private ByteBuf room(int bytes) {
    if (bytes > out.maxCapacity() - out.writerIndex()) {
      throw new RequestScan.LimitExceeded();
    }
    return out;
  }
}
