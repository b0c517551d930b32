package io.gatehouse.wire.walk;

/** The tagged sections that a walk is in, innermost last. The walker works on its fields. */
final class TagStack {

  /** How many sections are open. */
  int depth;

  /** Tagged fields that are still to come, by section. */
  int[] left = {};

  /** The section's instruction, by section. */
  int[] pc = {};

  // Of the field being walked in each section: where its size stands, and the size, -1 outside.
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

  /** Position behind the field being walked in a section. */
  int end(int section) {
    return sizeStop[section] + size[section];
  }

  /** Where the innermost field being walked ends, or the message. */
  int bound(int messageEnd) {
    for (int section = depth - 1; section >= 0; section--) {
      if (size[section] >= 0) {
        return end(section);
      }
    }
    return messageEnd;
  }
}
