package io.gatehouse.wire.refuse;

import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to write one response struct from one request struct.
 *
 * @param scan reads the request's struct
 * @param parts what to write, in order
 */
record ResponseTemplate(Scan scan, List<Part> parts) {

  /** Reads a request struct, or one element of a primitive array. */
  static final class Scan {

    final StructLayout struct;

    /** The struct's number within the request. */
    final int id;

    /** For each plain field of the struct, the slot of its position, or -1. */
    final int[] slots;

    Scan(StructLayout struct, int id) {
      this.struct = struct;
      this.id = id;
      this.slots = new int[struct.fields().size()];
      Arrays.fill(slots, -1);
    }

    /** The number of slots in use. */
    int size() {
      int size = 0;
      for (int slot : slots) {
        size = Math.max(size, slot + 1);
      }
      return size;
    }

    /** The slot of a field, which is allocated on the first call. */
    int slot(int field) {
      if (slots[field] < 0) {
        slots[field] = size();
      }
      return slots[field];
    }
  }

  /** A part of the response. */
  sealed interface Part {}

  /** Constant bytes: the defaults of fields. */
  static final class Constant implements Part {

    final byte[] bytes;

    Constant(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  /**
   * Writes nothing, and stops if the client expects no response.
   *
   * @param slot of the request's acks
   */
  record Acks(int slot) implements Part {}

  record ErrorCode() implements Part {}

  record ErrorMessage(FieldLayout to) implements Part {}

  /**
   * A key to copy.
   *
   * @param slot of the request's field
   */
  record Copy(int slot, FieldLayout from, FieldLayout to) implements Part {}

  /** An array with an element for each of the sources' elements. */
  record Each(FieldLayout to, List<Source> sources) implements Part {}

  /**
   * An array of the request whose elements are answered.
   *
   * @param slot of the array
   * @param element the template of an element, null if {@code inner} is set
   * @param outer reads the array's own elements if {@code inner} is an array in each of them
   */
  record Source(
      int slot,
      FieldLayout array,
      @Nullable ResponseTemplate element,
      @Nullable Scan outer,
      @Nullable Source inner) {}
}
