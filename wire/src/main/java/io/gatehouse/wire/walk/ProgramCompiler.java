package io.gatehouse.wire.walk;

import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Compiles a {@link Layout} to a {@link Program}. */
final class ProgramCompiler {

  private static final Set<FieldKind> ADDRESSES =
      EnumSet.of(
          FieldKind.HOST,
          FieldKind.PORT,
          FieldKind.CONTROLLER_HOST,
          FieldKind.CONTROLLER_PORT,
          FieldKind.APPLICATION_HOST,
          FieldKind.APPLICATION_PORT);

  /** Kinds that are edited if they are of interest, in addition to addresses. */
  private static final Set<FieldKind> EDITED =
      EnumSet.of(FieldKind.ERROR_MESSAGE, FieldKind.CONFIG_VALUE, FieldKind.HIGHEST_VERSION);

  /** The operand of a value that is not of interest. */
  static final int NO_KIND = -1;

  private final Set<FieldKind> interest;
  private final Outline outline;
  private final List<String> outlined = new ArrayList<>();
  private int[] code = new int[64];
  private int size;

  /**
   * Index of the last SKIP if it can be extended: it is the last instruction, and no jump leads
   * behind it.
   */
  private int openSkip = -1;

  /** The current and the largest nesting of outlined arrays and structs. */
  private int outlineDepth;

  private int deepestOutline;

  ProgramCompiler(Set<FieldKind> interest, Outline outline) {
    this.interest = interest;
    this.outline = outline;
  }

  Program compile(Layout layout, Program.Header header) {
    if (header == Program.Header.REQUEST_V1 || header == Program.Header.REQUEST_V2) {
      emit(Program.STRING, NO_KIND);
    }
    if (header == Program.Header.REQUEST_V2 || header == Program.Header.RESPONSE_V1) {
      emit(Program.TAGS, 0);
    }
    int interestEnd = 0;
    int addressEnd = 0;
    int editedEnd = 0;
    Set<FieldKind> edited = EnumSet.copyOf(EDITED);
    edited.retainAll(interest);
    int addressFields = 0;
    int addressArray = -1;
    for (FieldLayout field : layout.root().fields()) {
      int start = size;
      int told = outlined.size();
      plainField("", field);
      boolean hasAddresses = holds(field, ADDRESSES);
      if (hasAddresses || holds(field, interest) || outlined.size() > told) {
        interestEnd = size;
        openSkip = -1;
      }
      if (hasAddresses) {
        addressEnd = size;
        addressFields++;
      }
      if (holds(field, edited)) {
        editedEnd = size;
      }
      addressArray = hasAddresses && addressFields == 1 && isHints(field) ? start : -1;
    }
    if (layout.flexible()) {
      tags("", layout.root());
      for (FieldLayout field : layout.root().tagged()) {
        boolean hasAddresses = holds(field, ADDRESSES);
        if (hasAddresses) {
          addressEnd = size;
          addressArray = -1;
        }
        if (hasAddresses || holds(field, interest) || tells(field.name(), field)) {
          interestEnd = size;
        }
      }
    }
    emit(Program.END);
    return new Program(
        layout,
        Arrays.copyOf(code, size),
        outlined.toArray(String[]::new),
        withHeader(depths(layout.root())),
        new Program.Ends(
            interestEnd,
            addressEnd,
            Math.max(addressEnd, editedEnd),
            addressEnd == size - 1 && addressFields == 0,
            layout.flexible() ? addressArray : -1));
  }

  /** Leader hints (KIP-951, KIP-932); without them a client requests metadata instead. */
  private static boolean isHints(FieldLayout field) {
    return field.array() && field.name().equals("NodeEndpoints");
  }

  /** The header has a tagged section even if the body has none. */
  private Program.Depths withHeader(Program.Depths body) {
    return new Program.Depths(body.arrays(), Math.max(1, body.tags()), deepestOutline);
  }

  /**
   * @param above the path of the enclosing struct, ending with a dot
   */
  private void plainField(String above, FieldLayout field) {
    String path = above + field.name();
    boolean told =
        (field.array() || field.type() == FieldType.STRUCT) && outline.includes(path, field);
    if (told) {
      begin(path, field);
    }
    if (field.array()) {
      array(path, field, told);
    } else {
      element(path, field, field.nullable());
    }
    if (told) {
      emit(Program.ALL_END);
      emit(Program.LEAVE);
      outlineDepth--;
    }
  }

  private void begin(String path, FieldLayout field) {
    int arrayForm = field.compact() ? OutlineStack.COMPACT_ARRAY : OutlineStack.ARRAY;
    emit(Program.BEGIN, outlined.size(), field.array() ? arrayForm : OutlineStack.STRUCT);
    outlined.add(path);
    outlineDepth++;
    deepestOutline = Math.max(deepestOutline, outlineDepth);
  }

  /** Whether a field is outlined or contains an outlined field. */
  private boolean tells(String path, FieldLayout field) {
    boolean struct = field.type() == FieldType.STRUCT;
    return ((field.array() || struct) && outline.includes(path, field))
        || (struct
            && Stream.concat(
                    field.structOrThrow().fields().stream(),
                    field.structOrThrow().tagged().stream())
                .anyMatch(inner -> tells(path + "." + inner.name(), inner)));
  }

  private void array(String path, FieldLayout field, boolean told) {
    int smallest = field.smallestElement();
    int fixed = holds(field, interest) || tells(path, field) ? 0 : fixedWidth(field);
    emit(field.compact() ? Program.COMPACT_ARRAY : Program.ARRAY, smallest, fixed, 0);
    int end = size - 1;
    if (fixed == 0) {
      if (told) {
        emit(Program.ELEMENT);
      }
      element(path, field, false);
      if (told) {
        emit(Program.ELEMENT_END);
      }
      emit(Program.LOOP);
    }
    code[end] = size;
    openSkip = -1;
  }

  private void element(String path, FieldLayout field, boolean nullable) {
    int kind = interest.contains(field.kind()) ? field.kind().ordinal() : NO_KIND;
    switch (field.type()) {
      case STRUCT -> struct(path + ".", field.structOrThrow(), nullable);
      case STRING -> emit(field.compact() ? Program.COMPACT_STRING : Program.STRING, kind);
      case BYTES, RECORDS -> emit(field.compact() ? Program.COMPACT_BYTES : Program.BYTES, kind);
      default -> {
        if (kind == NO_KIND) {
          skip(field.type().width());
        } else {
          emit(Program.FIXED, kind, field.type().width());
        }
      }
    }
  }

  private void struct(String path, StructLayout struct, boolean nullable) {
    int end = -1;
    if (nullable) {
      emit(Program.NULLABLE, 0);
      end = size - 1;
    }
    for (FieldLayout field : struct.fields()) {
      plainField(path, field);
    }
    if (struct.flexible()) {
      tags(path, struct);
    }
    if (end >= 0) {
      code[end] = size;
      openSkip = -1;
    }
  }

  private void tags(String path, StructLayout struct) {
    // All known tags, not only those of interest: Kafka reads a known tag by its type and ignores
    // the declared size, so skipping by size could continue at another position than Kafka does.
    FieldLayout[] known = struct.tagged().toArray(FieldLayout[]::new);
    emit(Program.TAGS, known.length);
    int table = size;
    for (FieldLayout field : known) {
      append(field.tag());
      append(0);
      append(holds(field, ADDRESSES) ? 1 : 0);
    }
    if (known.length == 0) {
      return;
    }
    // The bodies follow here; the walk continues after them.
    append(0);
    int over = size - 1;
    for (int i = 0; i < known.length; i++) {
      code[table + 3 * i + 1] = size;
      openSkip = -1;
      plainField(path, known[i]);
      emit(Program.RETURN);
    }
    code[over] = size;
    openSkip = -1;
  }

  static boolean holds(FieldLayout field, Set<FieldKind> kinds) {
    if (kinds.contains(field.kind())) {
      return true;
    }
    if (field.type() != FieldType.STRUCT) {
      return false;
    }
    StructLayout struct = field.structOrThrow();
    return struct.fields().stream().anyMatch(f -> holds(f, kinds))
        || struct.tagged().stream().anyMatch(f -> holds(f, kinds));
  }

  /** Size of an element if all elements have the same size, else 0. */
  private static int fixedWidth(FieldLayout field) {
    if (field.type() != FieldType.STRUCT) {
      return field.type().width();
    }
    StructLayout struct = field.structOrThrow();
    if (struct.flexible()) {
      return 0;
    }
    int sum = 0;
    for (FieldLayout inner : struct.fields()) {
      int width = inner.array() || inner.nullable() ? 0 : fixedWidth(inner);
      if (width == 0) {
        return 0;
      }
      sum += width;
    }
    return sum;
  }

  private static Program.Depths depths(StructLayout struct) {
    int arrays = 0;
    int tags = 0;
    for (FieldLayout field : struct.fields()) {
      Program.Depths inner = depths(field);
      arrays = Math.max(arrays, inner.arrays());
      tags = Math.max(tags, inner.tags());
    }
    for (FieldLayout field : struct.tagged()) {
      Program.Depths inner = depths(field);
      arrays = Math.max(arrays, inner.arrays());
      tags = Math.max(tags, inner.tags());
    }
    return new Program.Depths(arrays, tags + (struct.flexible() ? 1 : 0), 0);
  }

  private static Program.Depths depths(FieldLayout field) {
    Program.Depths inner =
        field.type() == FieldType.STRUCT
            ? depths(field.structOrThrow())
            : new Program.Depths(0, 0, 0);
    return new Program.Depths(inner.arrays() + (field.array() ? 1 : 0), inner.tags(), 0);
  }

  private void skip(int bytes) {
    if (openSkip >= 0) {
      code[openSkip] += bytes;
      return;
    }
    emit(Program.SKIP, bytes);
    openSkip = size - 1;
  }

  private void emit(int... words) {
    for (int word : words) {
      append(word);
    }
    openSkip = -1;
  }

  private void append(int word) {
    if (size == code.length) {
      code = Arrays.copyOf(code, size * 2);
    }
    code[size++] = word;
  }
}
