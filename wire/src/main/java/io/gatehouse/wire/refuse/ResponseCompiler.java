package io.gatehouse.wire.refuse;

import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Derives from both layouts which parts of a request its error response repeats.
 *
 * <p>A response struct with an error code reports the error there, and its arrays stay empty. In a
 * struct without one, arrays that contain error codes get an element for each element of the
 * request's array of the same name, or else of its first array. In an element, keys are copied:
 * fields of the same type and meaning.
 */
final class ResponseCompiler {

  private static final Set<FieldKind> KEYS =
      EnumSet.of(
          FieldKind.TOPIC_NAME,
          FieldKind.TOPIC_ID,
          FieldKind.GROUP_ID,
          FieldKind.TRANSACTIONAL_ID,
          FieldKind.PRODUCER_ID,
          FieldKind.RESOURCE_TYPE,
          FieldKind.RESOURCE_NAME);

  private static final Set<String> PARTITIONS =
      Set.of("PartitionIndex", "Partition", "Index", "PartitionId");

  private final Layout response;

  /** How many structs around a failed element do not fail with it. */
  private final int depth;

  private int structs;

  ResponseCompiler(Layout response, int depth) {
    this.response = response;
    this.depth = depth;
  }

  /** The template of the whole response. */
  ResponseTemplate compile(Layout request) {
    ResponseTemplate form = form(request.root(), response.root(), response.message().name(), 0);
    List<FieldLayout> fields = request.root().fields();
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).kind() == FieldKind.ACKS) {
        List<ResponseTemplate.Part> parts = new ArrayList<>(form.parts());
        parts.addFirst(new ResponseTemplate.Acks(form.scan().slot(i)));
        return new ResponseTemplate(form.scan(), parts);
      }
    }
    return form;
  }

  /** A template that reads nothing of the request: the top-level error, and empty arrays. */
  ResponseTemplate compileEmpty() {
    StructLayout nothing = new StructLayout("", List.of(), List.of(), false);
    return form(nothing, response.root(), response.message().name(), 0);
  }

  /** The number of request structs that the template reads. */
  int structs() {
    return structs;
  }

  /**
   * @param around the number of structs around this one
   */
  private ResponseTemplate form(StructLayout from, StructLayout to, String path, int around) {
    ResponseTemplate.Scan scan = new ResponseTemplate.Scan(from, structs++);
    FieldLayout code = errorCode(to);
    List<ResponseTemplate.Part> parts = new ArrayList<>();
    for (FieldLayout field : to.fields()) {
      String here = path + "." + field.name();
      if (field.equals(code)) {
        parts.add(new ResponseTemplate.ErrorCode());
      } else if (code != null && field.name().equals("ErrorMessage")) {
        parts.add(new ResponseTemplate.ErrorMessage(field));
      } else if (field.array() && field.type() == FieldType.STRUCT) {
        boolean failed = code != null && around >= depth;
        parts.add(
            mustFill(here, field, failed) ? each(scan, field, here, around) : defaultOf(field));
      } else {
        parts.add(scalar(scan, field, here));
      }
    }
    if (to.flexible()) {
      parts.add(
          new ResponseTemplate.Constant(
              new byte[1])); // no tagged fields, as all of them have their defaults
    }
    return new ResponseTemplate(scan, merged(parts));
  }

  /** The field that holds a struct's error; a second one reports a detail. */
  private static @Nullable FieldLayout errorCode(StructLayout struct) {
    FieldLayout found = null;
    for (FieldLayout field : struct.fields()) {
      if (field.kind() == FieldKind.ERROR_CODE
          && (found == null || field.name().equals("ErrorCode"))) {
        found = field;
      }
    }
    return found;
  }

  private boolean mustFill(String path, FieldLayout array, boolean codeAbove) {
    if (SpecialCases.isFilled(path, response.version())) {
      return true;
    }
    return !codeAbove && !SpecialCases.isEmpty(path) && holdsErrorCode(array.structOrThrow());
  }

  private static boolean holdsErrorCode(StructLayout struct) {
    return errorCode(struct) != null
        || struct.fields().stream()
            .anyMatch(field -> field.struct() != null && holdsErrorCode(field.struct()));
  }

  // ---- arrays -----------------------------------------------------------------------------------

  private ResponseTemplate.Part each(
      ResponseTemplate.Scan scan, FieldLayout to, String path, int around) {
    FieldLayout obvious = obvious(scan.struct, to.name());
    if (obvious == null) {
      return defaultOf(to);
    }
    List<ResponseTemplate.Source> sources = new ArrayList<>();
    for (String name : SpecialCases.sources(path)) {
      sources.add(source(scan, name, to, path, around));
    }
    if (sources.isEmpty()) {
      sources.add(source(scan, obvious.name(), to, path, around));
    }
    return new ResponseTemplate.Each(to, sources);
  }

  private static @Nullable FieldLayout obvious(StructLayout struct, String name) {
    FieldLayout first = null;
    for (FieldLayout field : struct.fields()) {
      if (field.array() && field.name().equals(name)) {
        return field;
      }
      if (field.array() && first == null) {
        first = field;
      }
    }
    return first;
  }

  private ResponseTemplate.Source source(
      ResponseTemplate.Scan scan, String name, FieldLayout to, String path, int around) {
    int dot = name.indexOf('.');
    int index = indexOf(scan.struct, dot < 0 ? name : name.substring(0, dot));
    FieldLayout array = scan.struct.fields().get(index);
    int slot = scan.slot(index);
    if (dot >= 0) {
      StructLayout struct = array.structOrThrow();
      ResponseTemplate.Scan outer = new ResponseTemplate.Scan(struct, structs++);
      ResponseTemplate.Source inner = source(outer, name.substring(dot + 1), to, path, around);
      return new ResponseTemplate.Source(slot, array, null, outer, inner);
    }
    return new ResponseTemplate.Source(
        slot, array, form(element(array), to.structOrThrow(), path, around + 1), null, null);
  }

  /** The struct of an array's elements; a primitive element becomes the only field of a struct. */
  private static StructLayout element(FieldLayout array) {
    if (array.type() == FieldType.STRUCT) {
      return array.structOrThrow();
    }
    FieldLayout value =
        new FieldLayout(
            "", array.type(), false, false, array.compact(), -1, array.kind(), "", null);
    return new StructLayout("", List.of(value), List.of(), false);
  }

  private static int indexOf(StructLayout struct, String name) {
    for (int i = 0; i < struct.fields().size(); i++) {
      if (struct.fields().get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalStateException(struct.name() + " has no " + name);
  }

  // ---- values -----------------------------------------------------------------------------------

  private static ResponseTemplate.Part scalar(
      ResponseTemplate.Scan scan, FieldLayout to, String path) {
    List<FieldLayout> fields = scan.struct.fields();
    for (int i = 0; i < fields.size(); i++) {
      if (isSame(scan, fields.get(i), to, path)) {
        return new ResponseTemplate.Copy(scan.slot(i), fields.get(i), to);
      }
    }
    return defaultOf(to);
  }

  private static boolean isSame(
      ResponseTemplate.Scan scan, FieldLayout from, FieldLayout to, String path) {
    if (from.type() != to.type() || from.array() || to.array()) {
      return false;
    }
    String listed = SpecialCases.copiedFrom(path);
    if (!listed.isEmpty()) {
      return from.name().equals(listed);
    }
    if (scan.id == 0) {
      return false; // a top-level field of the same name is a result rather than a key
    }
    if (from.name().isEmpty()) {
      return scan.slots[0]
          < 0; // a primitive array element is copied to the first field of its type
    }
    return (from.kind() == to.kind() && KEYS.contains(to.kind()))
        || (PARTITIONS.contains(from.name()) && PARTITIONS.contains(to.name()));
  }

  /** The encoded default of a field; offsets without a default are -1, for "none". */
  private static ResponseTemplate.Constant defaultOf(FieldLayout field) {
    Struct alone = Struct.of(new StructLayout("", List.of(field), List.of(), false));
    if (field.type() == FieldType.RECORDS) {
      alone.set(field.name(), new byte[0]); // as brokers do: some clients do not accept null
    } else if (isUnset(field)) {
      alone.set(field.name(), -1);
    }
    var bytes = Unpooled.buffer();
    TreeWriter.write(alone, bytes);
    return new ResponseTemplate.Constant(ByteBufUtil.getBytes(bytes));
  }

  private static boolean isUnset(FieldLayout field) {
    if (field.array() || !field.defaultText().isEmpty()) {
      return false;
    }
    return switch (field.type()) {
      case INT64 -> field.name().endsWith("Offset") || field.name().endsWith("Watermark");
      case INT32 -> field.kind() == FieldKind.NODE_ID || field.kind() == FieldKind.PORT;
      default -> false;
    };
  }

  /** Joins adjacent constants. */
  private static List<ResponseTemplate.Part> merged(List<ResponseTemplate.Part> parts) {
    List<ResponseTemplate.Part> merged = new ArrayList<>();
    for (ResponseTemplate.Part part : parts) {
      if (part instanceof ResponseTemplate.Constant more
          && !merged.isEmpty()
          && merged.getLast() instanceof ResponseTemplate.Constant before) {
        merged.set(
            merged.size() - 1,
            new ResponseTemplate.Constant(
                ByteBufUtil.getBytes(Unpooled.wrappedBuffer(before.bytes, more.bytes))));
      } else {
        merged.add(part);
      }
    }
    return List.copyOf(merged);
  }
}
