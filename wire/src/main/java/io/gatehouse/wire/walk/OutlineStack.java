package io.gatehouse.wire.walk;

/**
 * The outlined arrays and structs around the current position, innermost last. For {@link Walker},
 * which uses the fields directly.
 */
final class OutlineStack {

  // The kind of an entry, and the encoding of its element count.
  static final int STRUCT = 0;
  static final int ARRAY = 1; // int32, -1 is null
  static final int COMPACT_ARRAY = 2; // unsigned varint + 1, 0 is null

  int depth;

  /** Position of the element count or the struct, by entry. */
  int[] start = {};

  /** Position after the element count, -1 until it is read. */
  int[] countStop = {};

  /** The number of elements, -1 for null. */
  int[] count = {};

  /** Position of the current element. */
  int[] element = {};

  int[] form = {};
  int[] id = {};

  void start(int deepest) {
    depth = 0;
    if (start.length < deepest) {
      start = new int[deepest];
      countStop = new int[deepest];
      count = new int[deepest];
      element = new int[deepest];
      form = new int[deepest];
      id = new int[deepest];
    }
  }

  void enter(int newId, int newForm, int position) {
    id[depth] = newId;
    form[depth] = newForm;
    start[depth] = position;
    countStop[depth] = -1;
    depth++;
  }

  /** Begins an element; {@code left} are still to come, including this one. */
  void element(int position, int left) {
    element[top()] = position;
    if (countStop[top()] < 0) {
      countStop[top()] = position;
      count[top()] = left;
    }
  }

  /** Ends an array or struct. */
  void end(int position) {
    if (countStop[top()] < 0) {
      // There was no element, so the count is the last thing read; whether null or empty, adding
      // elements to 0 is right.
      countStop[top()] = position;
      count[top()] = 0;
    }
  }

  int top() {
    return depth - 1;
  }
}
