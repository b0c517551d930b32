package io.gatehouse.gateway.access;

import io.gatehouse.gateway.access.DeniedElements.Failure;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.tenant.FrameWalk;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.refuse.ErrorResponse;
import io.gatehouse.wire.refuse.NoResponse;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeWriter;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The elements of a response that tell which part of a request was refused. */
final class DeniedResponse {

  private static final int LENGTH_BYTES = 4;

  /** Length and correlation id. */
  private static final int HEADER_BYTES = 8;

  /** The largest response that is read as a whole: about 20,000 partitions of a few groups. */
  private static final int MAX_TREE_BYTES = 1 << 20;

  private final Layout layout;
  private final List<Struct> parts = new ArrayList<>();

  /** Whether there are elements that belong into others, in responses about several groups. */
  private final boolean nested;

  /**
   * @param frame the client's request with its length, of which the header is read
   * @param denied what was refused, by error code
   * @throws NoResponse if it is too large
   */
  DeniedResponse(ByteBuf frame, Map<Failure, Struct> denied) throws NoResponse {
    short apiKey = frame.getShort(frame.readerIndex() + 4);
    short version = frame.getShort(frame.readerIndex() + 6);
    MessageSchema schema = Objects.requireNonNull(Schemas.get().response(apiKey));
    this.layout = schema.layout(version);
    this.nested = denied.keySet().stream().anyMatch(failure -> failure.depth() > 1);
    for (Map.Entry<Failure, Struct> part : denied.entrySet()) {
      ErrorResponse errors =
          Objects.requireNonNull(ErrorResponse.ofElements(apiKey, version, part.getKey().depth()));
      ByteBuf request = RequestFrames.with(frame, part.getValue());
      try {
        Failure failure = part.getKey();
        ByteBuf response = errors.write(request, failure.errorCode(), text(failure), frame.alloc());
        try {
          parts.add(RequestFrames.readResponse(layout, response));
        } finally {
          response.release();
        }
      } finally {
        request.release();
      }
    }
  }

  private static @Nullable String text(Failure failure) {
    if (failure.text() != null) {
      return failure.text();
    }
    int code = failure.errorCode();
    if (code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.number()) {
      return "there is no such topic";
    }
    if (code == ErrorCode.UNKNOWN_TOPIC_ID.number()) {
      return "no topic has this id";
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
   * @throws MalformedMessage if it is not the response to this request, or is too large
   */
  ByteBuf addedTo(ByteBuf frame, ByteBufAllocator allocator) {
    return nested ? addedWithin(frame, allocator) : addedAtEnds(frame, allocator);
  }

  /** Adds elements at the ends of the message's own arrays, without reading what is in them. */
  private ByteBuf addedAtEnds(ByteBuf frame, ByteBufAllocator allocator) {
    Map<String, List<byte[]>> added = new HashMap<>();
    for (Struct part : parts) {
      for (FieldLayout field : part.layout().fields()) {
        if (isOfStructs(field) && !part.isNull(field.name())) {
          for (Struct element : part.getStructs(field.name())) {
            added.computeIfAbsent(field.name(), _ -> new ArrayList<>()).add(encoded(element));
          }
        }
      }
    }
    Program program =
        Program.ofResponse(
            layout, EnumSet.of(FieldKind.ERROR_CODE), (path, _) -> added.containsKey(path));
    FrameWalk walk = FrameWalk.over(frame, HEADER_BYTES, program);
    try {
      Walker walker = walk.walker();
      int elements = 0;
      boolean failed = false;
      Walker.Step step = walker.next();
      while (step != Walker.Step.FINISHED && step != Walker.Step.MORE) {
        switch (step) {
          case ELEMENT_BEGIN -> elements++;
          case ELEMENT_END -> elements--;
          case FIELD -> failed |= elements == 0 && walker.number() != 0;
          case ARRAY_END -> {
            if (!failed) {
              added
                  .getOrDefault(walker.path(), List.of())
                  .forEach(element -> walk.edits().insertElement(walker, element));
            }
          }
          default -> {}
        }
        step = walker.next();
      }
      ByteBuf edited = walk.edited(allocator);
      return edited == null ? frame.copy() : edited;
    } finally {
      walk.end();
    }
  }

  private static byte[] encoded(Struct element) {
    ByteBuf bytes = Unpooled.buffer();
    TreeWriter.write(element, bytes);
    return ByteBufUtil.getBytes(bytes);
  }

  /** Adds elements within those of the response. */
  private ByteBuf addedWithin(ByteBuf frame, ByteBufAllocator allocator) {
    if (frame.readableBytes() > MAX_TREE_BYTES) {
      throw new MalformedMessage("a response too large for errors to be added to it", 0);
    }
    Struct body = RequestFrames.readResponse(layout, frame);
    parts.forEach(part -> merge(body, part));
    int correlationId = frame.getInt(frame.readerIndex() + LENGTH_BYTES);
    return RequestFrames.response(layout, correlationId, body, allocator);
  }

  /** Adds the elements of arrays, unless what is around them has failed. */
  private static void merge(Struct into, Struct from) {
    if (into.has("ErrorCode") && into.getInt("ErrorCode") != 0) {
      return;
    }
    for (FieldLayout field : into.layout().fields()) {
      if (isOfStructs(field)
          && from.get(field.name()) instanceof List<?> elements
          && !elements.isEmpty()) {
        if (into.isNull(field.name())) {
          into.set(field.name(), List.of());
        }
        List<Struct> known = into.getStructs(field.name());
        Map<Object, Struct> answered = byGroup(known);
        for (Struct element : from.getStructs(field.name())) {
          Object group = group(element);
          Struct same = group == null ? null : answered.get(group);
          if (same == null) {
            known.add(element);
          } else {
            merge(same, element);
          }
        }
      }
    }
  }

  private static boolean isOfStructs(FieldLayout field) {
    return field.array() && field.struct() != null;
  }

  /** The elements about groups, which the broker has answered in part. */
  private static Map<Object, Struct> byGroup(List<Struct> answered) {
    Map<Object, Struct> groups = new HashMap<>();
    for (Struct element : answered) {
      Object group = group(element);
      if (group != null) {
        groups.putIfAbsent(group, element);
      }
    }
    return groups;
  }

  private static @Nullable Object group(Struct element) {
    for (FieldLayout field : element.layout().fields()) {
      if (field.kind() == FieldKind.GROUP_ID && !field.array()) {
        return element.get(field.name());
      }
    }
    return null;
  }
}
