package io.gatehouse.gateway.access;

import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.refuse.ErrorResponse;
import io.gatehouse.wire.refuse.NoResponse;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The elements of a response that tell which part of a request was refused. */
final class DeniedResponse {

  private static final int LENGTH_BYTES = 4;

  private final Layout layout;
  private final List<Struct> parts = new ArrayList<>();

  /**
   * @param frame the client's request with its length, of which the header is read
   * @param denied what was refused, by error code
   * @throws NoResponse if it is too large
   */
  DeniedResponse(ByteBuf frame, Map<DeniedElements.Failure, Struct> denied) throws NoResponse {
    short apiKey = frame.getShort(frame.readerIndex() + 4);
    short version = frame.getShort(frame.readerIndex() + 6);
    MessageSchema schema = Objects.requireNonNull(Schemas.get().response(apiKey));
    this.layout = schema.layout(version);
    for (Map.Entry<DeniedElements.Failure, Struct> part : denied.entrySet()) {
      ErrorResponse errors =
          Objects.requireNonNull(ErrorResponse.ofElements(apiKey, version, part.getKey().depth()));
      ByteBuf request = RequestFrames.with(frame, part.getValue());
      ByteBuf response =
          errors.write(request, part.getKey().errorCode(), text(part.getKey()), frame.alloc());
      request.release();
      parts.add(bodyOf(response));
      response.release();
    }
  }

  private static @Nullable String text(DeniedElements.Failure failure) {
    int code = failure.errorCode();
    if (code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.number()) {
      return "there is no such topic";
    }
    return code == ErrorCode.OPERATION_NOT_ATTEMPTED.number()
        ? null
        : RefusalReason.ofAcls(code).text();
  }

  /** The whole response, if nothing of the request was sent. */
  ByteBuf alone(int correlationId, ByteBufAllocator allocator) {
    Struct body = Struct.of(layout);
    parts.forEach(part -> merge(body, part));
    return RequestFrames.response(layout, correlationId, body, allocator);
  }

  /**
   * Adds the elements to a broker's response.
   *
   * @param frame with its length
   * @return the response, which the caller owns
   * @throws MalformedMessage if it is not the response to this request
   */
  ByteBuf addedTo(ByteBuf frame, ByteBufAllocator allocator) {
    Struct body = bodyOf(frame);
    parts.forEach(part -> merge(body, part));
    int correlationId = frame.getInt(frame.readerIndex() + LENGTH_BYTES);
    return RequestFrames.response(layout, correlationId, body, allocator);
  }

  private Struct bodyOf(ByteBuf frame) {
    ByteBuf in = frame.duplicate().skipBytes(LENGTH_BYTES);
    var _ = Headers.readResponse(layout.message().apiKey(), layout.version(), in);
    return TreeReader.read(layout, in);
  }

  /** Adds the elements of arrays, unless what is around them has failed. */
  private static void merge(Struct into, Struct from) {
    if (into.has("ErrorCode") && into.getInt("ErrorCode") != 0) {
      return;
    }
    for (FieldLayout field : into.layout().fields()) {
      if (field.array()
          && field.struct() != null
          && from.get(field.name()) instanceof List<?> elements
          && !elements.isEmpty()) {
        if (into.isNull(field.name())) {
          into.set(field.name(), List.of());
        }
        List<Struct> known = into.getStructs(field.name());
        int answered = known.size();
        for (Struct element : from.getStructs(field.name())) {
          Struct same = holding(element, known.subList(0, answered));
          if (same == null) {
            known.add(element);
          } else {
            merge(same, element);
          }
        }
      }
    }
  }

  /** The element of the same group, which the broker has answered in part. */
  private static @Nullable Struct holding(Struct element, List<Struct> answered) {
    for (FieldLayout field : element.layout().fields()) {
      if (field.kind() == FieldKind.GROUP_ID && !field.array()) {
        Object group = element.get(field.name());
        return answered.stream()
            .filter(one -> Objects.equals(one.get(field.name()), group))
            .findFirst()
            .orElse(null);
      }
    }
    return null;
  }
}
