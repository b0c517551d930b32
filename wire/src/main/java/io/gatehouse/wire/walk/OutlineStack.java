package io.gatehouse.wire.walk;

/**
 * The arrays and structs that a walk tells of and is in, innermost last. The walker works on its
 * fields.
 */
final class OutlineStack {

  // What an entry is, and how its number of elements is written.
  static final int STRUCT = 0;
  static final int ARRAY = 1; // int32, -1 is null
  static final int COMPACT_ARRAY = 2; // unsigned varint + 1, 0 is null

  int depth;

  /** Position of the number of elements or the struct, by entry. */
  int[] start = {};

  /** Position behind the number of elements, -1 until it is read. */
  int[] countStop = {};

  /** The number of elements, -1 for null. */
  int[] count = {};

  /** Position of the element being walked. */
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

  /** An element begins; {@code left} are still to come, itself included. */
  void element(int position, int left) {
    element[top()] = position;
    if (countStop[top()] < 0) {
      countStop[top()] = position;
      count[top()] = left;
    }
  }

  /** An array or struct is over. */
  void end(int position) {
    if (countStop[top()] < 0) {
      // No element came, so the number stands in the last bytes, and 0 in its place adds the same.
      countStop[top()] = position;
      count[top()] = 0;
    }
  }

  int top() {
    return depth - 1;
  }
}
