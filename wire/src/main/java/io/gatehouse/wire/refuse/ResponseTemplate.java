package io.gatehouse.wire.refuse;

import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one struct of a response is written from one struct of a request.
 *
 * @param scan the request's struct
 * @param parts what is written, in order
 */
record ResponseTemplate(Scan scan, List<Part> parts) {

  /** A struct of a request, or the one value that an array of values has as its element. */
  static final class Scan {

    final StructLayout struct;

    /** Number of this struct among those of the request. */
    final int id;

    /** By plain field of the struct, where its begin is noted, or -1. */
    final int[] slots;

    Scan(StructLayout struct, int id) {
      this.struct = struct;
      this.id = id;
      this.slots = new int[struct.fields().size()];
      Arrays.fill(slots, -1);
    }

    /** How many slots are taken. */
    int size() {
      int size = 0;
      for (int slot : slots) {
        size = Math.max(size, slot + 1);
      }
      return size;
    }

    /** The slot of a field, which from now on has one. */
    int slot(int field) {
      if (slots[field] < 0) {
        slots[field] = size();
      }
      return slots[field];
    }
  }

  /** What is written next. */
  sealed interface Part {}

  /** Bytes that are always the same: the defaults of fields. */
  static final class Constant implements Part {

    final byte[] bytes;

    Constant(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  /**
   * Writes nothing, and ends all if the client asks for no answer.
   *
   * @param slot where the request's acks stand
   */
  record Acks(int slot) implements Part {}

  record ErrorCode() implements Part {}

  record ErrorMessage(FieldLayout to) implements Part {}

  /**
   * A key.
   *
   * @param slot where the request's field stands
   */
  record Copy(int slot, FieldLayout from, FieldLayout to) implements Part {}

  /** An array with an element for each of the sources' elements. */
  record Each(FieldLayout to, List<Source> sources) implements Part {}

  /**
   * An array of the request whose elements are answered.
   *
   * @param slot where the array stands
   * @param element how each element is answered, null where {@code inner} is in its elements
   * @param outer the array's own elements where {@code inner} is an array in each of them
   */
  record Source(
      int slot,
      FieldLayout array,
      @Nullable ResponseTemplate element,
      @Nullable Scan outer,
      @Nullable Source inner) {}
}
