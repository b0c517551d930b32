package io.gatehouse.wire.walk;

/**
 * The tagged sections around the current position, innermost last. For {@link Walker}, which uses
 * the fields directly.
 */
final class TagStack {

  /** The number of open sections. */
  int depth;

  /** The number of fields still to come, by section. */
  int[] left = {};

  /** The section's instruction, by section. */
  int[] pc = {};

  // Of each section's current field: positions before and after its size, and the size; -1 outside
  // a field.
  int[] sizeAt = {};
  int[] sizeStop = {};
  int[] size = {};

  void start(int deepest) {
    depth = 0;
    if (left.length < deepest) {
      left = new int[deepest];
      pc = new int[deepest];
      sizeAt = new int[deepest];
      sizeStop = new int[deepest];
      size = new int[deepest];
    }
  }

  void enter(int instruction, int fields) {
    left[depth] = fields;
    pc[depth] = instruction;
    size[depth] = -1;
    depth++;
  }

  int top() {
    return depth - 1;
  }

  /** Position after the current field of a section. */
  int end(int section) {
    return sizeStop[section] + size[section];
  }

  /** The end of the innermost current field, or of the message. */
  int bound(int messageEnd) {
    for (int section = depth - 1; section >= 0; section--) {
      if (size[section] >= 0) {
        return end(section);
      }
    }
    return messageEnd;
  }
}
