package io.gatehouse.wire.walk;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What shall stand in a message instead of some of its bytes. Edits are made in the order of the
 * walk: fields, structs and elements are replaced, elements dropped and inserted. The numbers of
 * elements of the arrays that the walk tells of ({@link Outline}) and the sizes of tagged fields
 * around an edit are mended, also where they then take more or fewer bytes. All is kept in two
 * arrays of primitives. Not thread-safe; reusable.
 */
public final class Edits {

  // An edit is so many ints, at these offsets.
  private static final int FROM = 0; // bytes [from, to) of the message are replaced
  private static final int TO = 1;
  private static final int TEXT = 2; // by as many bytes of text, from here
  private static final int TEXT_LENGTH = 3;
  private static final int AROUND = 4; // the number or size that encloses it, -1 for none
  private static final int ELEMENTS = 5; // how many elements it adds to the array there
  private static final int FORM = 6; // what it is itself
  private static final int OLD = 7; // of a number or size: the old one
  private static final int ADDED = 8; // how many elements are added to those it counts
  private static final int GROWN = 9; // how many bytes what it encloses grows by
  private static final int INTS = 10;

  // Forms: an edit that was asked for, or what is mended for its sake.
  private static final int PLAIN = 0;
  private static final int COUNT = 1; // int32
  private static final int COMPACT_COUNT = 2; // unsigned varint, plus one
  private static final int SIZE = 3; // of a tagged field: unsigned varint
  private static final int DEFERRED = 4; // asked for, but its text is not known yet
  private static final int DISCARDED = 5; // within what was dropped or replaced after it

  /** Larger arrays are not kept for the next message. */
  private static final int MOST_KEPT = 1 << 10;

  private static final byte[] NOTHING = {};

  private int[] edits = new int[8 * INTS];
  private int count;

  private byte[] text = new byte[128];
  private int textLength;

  /** The edits that are the numbers and sizes around the walk's place, outermost first. */
  private int[] open = new int[4];

  private int opened;
  private boolean settled;
  private int growth;

  /** How many edits change something. */
  private int changes;

  public void clear() {
    count = 0;
    textLength = 0;
    opened = 0;
    settled = false;
    growth = 0;
    changes = 0;
    if (edits.length > MOST_KEPT) {
      edits = new int[8 * INTS];
    }
    if (text.length > MOST_KEPT) {
      text = new byte[128];
    }
  }

  /** Whether the message stays as it came. */
  public boolean isEmpty() {
    return changes == 0;
  }

  /** Bytes of memory that are held for the edits. */
  public long heldBytes() {
    return (long) Integer.BYTES * edits.length + text.length;
  }

  /**
   * Puts {@code bytes} in place of {@code [start, stop)} of the message that is being walked: of a
   * field, or of an element or struct at its end. What was edited within is forgotten.
   */
  public void replace(Walker walker, int start, int stop, byte[] bytes) {
    forget(start);
    edit(walker, start, stop, bytes, 0);
  }

  /**
   * Notes a field {@code [start, stop)} of the message that is being walked, whose new value is
   * told when the walk is over. One that is never told stays as it is, and one in an element that
   * was dropped meanwhile is not needed.
   *
   * @return what to tell it for
   */
  public int defer(Walker walker, int start, int stop) {
    forget(start);
    int edit = edit(walker, start, stop, NOTHING, 0);
    edits[edit + FORM] = DEFERRED;
    changes--;
    return edit;
  }

  /** Position of the first byte of what {@link #defer} noted. */
  public int start(int edit) {
    return edits[edit + FROM];
  }

  /** Position behind the last byte of it. */
  public int stop(int edit) {
    return edits[edit + TO];
  }

  /**
   * Tells the new text of a string. One that the older form has no length for is left out: no
   * broker could have written it either.
   *
   * @param compact whether the length is an unsigned varint plus one
   */
  public void setText(int edit, String newText, boolean compact) {
    if (begin(edit)) {
      appendText(newText, compact);
      edits[edit + TEXT_LENGTH] = textLength - edits[edit + TEXT];
    }
  }

  /** Tells the new value of an integer, which stays as wide as it is. */
  public void setNumber(int edit, long number) {
    if (begin(edit)) {
      appendNumber(edits[edit + TO] - edits[edit + FROM], number);
      edits[edit + TEXT_LENGTH] = textLength - edits[edit + TEXT];
    }
  }

  /**
   * Tells the new values of a host and of the port directly behind it, noted as one.
   *
   * @param width of the port, in bytes
   */
  public void setAddress(int edit, String host, boolean compact, int port, int width) {
    if (begin(edit)) {
      appendText(host, compact);
      appendNumber(width, port);
      edits[edit + TEXT_LENGTH] = textLength - edits[edit + TEXT];
    }
  }

  /** Whether the edit is still there to take a value. */
  private boolean begin(int edit) {
    if (edits[edit + FORM] == DISCARDED) {
      return false;
    }
    if (settled || edits[edit + FORM] != DEFERRED) {
      throw new IllegalStateException("a value is told that nothing waits for");
    }
    edits[edit + FORM] = PLAIN;
    edits[edit + TEXT] = textLength;
    changes++;
    return true;
  }

  /**
   * Drops the element of which the walker tells the end, and what was edited within.
   *
   * @throws IllegalStateException also if an element was inserted behind it already
   */
  public void dropElement(Walker walker) {
    int around = enter(walker);
    int last = (count - 1) * INTS;
    if (edits[last + FORM] == PLAIN
        && edits[last + AROUND] == around
        && edits[last + FROM] == walker.stop()) {
      throw new IllegalStateException("an element is dropped after one was inserted behind it");
    }
    forget(walker.start());
    edit(walker, walker.start(), walker.stop(), NOTHING, -1);
  }

  /**
   * Inserts an element where the walker stands: before the element of which it tells the beginning,
   * behind the one or the array of which it tells the end. An array that was null is one of this
   * element then.
   *
   * @param bytes the element as it stands on the wire
   */
  public void insertElement(Walker walker, byte[] bytes) {
    edit(walker, walker.position(), walker.position(), bytes, 1);
  }

  /** Bytes the message grows by, negative if it shrinks. */
  public int growth() {
    settle();
    return growth;
  }

  /** Takes the pieces of an edited message, in order. */
  public interface Pieces {

    /** Bytes {@code [from, to)} of the message as it came. */
    void kept(int from, int to);

    /** Bytes {@code [from, from + length)} of an array, which must not be kept. */
    void edited(byte[] bytes, int from, int length);
  }

  /** Walks through the pieces of {@code [start, stop)}, which encloses all edits. */
  public void apply(int start, int stop, Pieces pieces) {
    settle();
    int at = start;
    for (int edit = 0; edit < count * INTS; edit += INTS) {
      if (isIdle(edit)) {
        continue;
      }
      if (edits[edit + FROM] > at) {
        pieces.kept(at, edits[edit + FROM]);
      }
      if (edits[edit + TEXT_LENGTH] > 0) {
        pieces.edited(text, edits[edit + TEXT], edits[edit + TEXT_LENGTH]);
      }
      at = edits[edit + TO];
    }
    if (stop > at) {
      pieces.kept(at, stop);
    }
  }

  /**
   * Writes the message with its edits.
   *
   * @param source holds the message's position 0 at {@code zero}
   */
  public void write(ByteBuf source, int zero, int start, int stop, ByteBuf target) {
    apply(
        start,
        stop,
        new Pieces() {
          @Override
          public void kept(int from, int to) {
            target.writeBytes(source, zero + from, to - from);
          }

          @Override
          public void edited(byte[] bytes, int from, int length) {
            target.writeBytes(bytes, from, length);
          }
        });
  }

  /** The unsigned varint of KIP-482. */
  public static byte[] varint(int value) {
    int length = Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(value) + 6) / 7);
    byte[] bytes = new byte[length];
    writeVarint(value, bytes, 0);
    return bytes;
  }

  /** Writes one of up to five bytes; gives the place behind it. */
  private static int writeVarint(int value, byte[] target, int at) {
    int next = at;
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      target[next++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    target[next++] = (byte) rest;
    return next;
  }

  // ---- recording --------------------------------------------------------------------------------

  /** Forgets the edits of what begins at {@code start}; what was inserted before it stays. */
  private void forget(int start) {
    for (int edit = (count - 1) * INTS; edit >= 0 && edits[edit + TO] > start; edit -= INTS) {
      changes -= edits[edit + FORM] == PLAIN ? 1 : 0;
      edits[edit + FORM] = DISCARDED;
    }
    while (opened > 0 && edits[open[opened - 1] + FORM] == DISCARDED) {
      opened--;
    }
  }

  private int edit(Walker walker, int from, int to, byte[] bytes, int elements) {
    if (settled) {
      throw new IllegalStateException("the edits were already read");
    }
    int around = enter(walker);
    int edit = add(from, to, PLAIN, 0);
    edits[edit + AROUND] = around;
    edits[edit + ELEMENTS] = elements;
    append(bytes);
    edits[edit + TEXT_LENGTH] = bytes.length;
    changes++;
    return edit;
  }

  /** Makes sure that each number and size around the walk's place is an edit; the innermost one. */
  private int enter(Walker walker) {
    TagStack tags = walker.tags();
    OutlineStack outline = walker.outline();
    int tag = 0;
    int array = 0;
    int level = 0;
    while (true) {
      while (array < outline.depth && outline.form[array] == OutlineStack.STRUCT) {
        array++;
      }
      boolean tagsLeft = tag < tags.depth && tags.size[tag] >= 0;
      if (!tagsLeft && array == outline.depth) {
        opened = level;
        return level == 0 ? -1 : open[level - 1];
      }
      if (tagsLeft && (array == outline.depth || tags.sizeAt[tag] < outline.start[array])) {
        enter(level, tags.sizeAt[tag], tags.sizeStop[tag], SIZE, tags.size[tag]);
        tag++;
      } else {
        boolean compact = outline.form[array] == OutlineStack.COMPACT_ARRAY;
        enter(
            level,
            outline.start[array],
            outline.countStop[array],
            compact ? COMPACT_COUNT : COUNT,
            outline.count[array]);
        array++;
      }
      level++;
    }
  }

  private void enter(int level, int from, int to, int form, int old) {
    if (level < opened && edits[open[level] + FROM] == from) {
      return;
    }
    opened = level;
    int edit = add(from, to, form, old);
    edits[edit + AROUND] = level == 0 ? -1 : open[level - 1];
    if (open.length == opened) {
      open = Arrays.copyOf(open, 2 * opened);
    }
    open[opened++] = edit;
  }

  private int add(int from, int to, int form, int old) {
    int edit = count * INTS;
    if (edit == edits.length) {
      edits = Arrays.copyOf(edits, 2 * edit);
    }
    edits[edit + FROM] = from;
    edits[edit + TO] = to;
    edits[edit + TEXT] = textLength;
    edits[edit + TEXT_LENGTH] = 0;
    edits[edit + AROUND] = -1;
    edits[edit + ELEMENTS] = 0;
    edits[edit + FORM] = form;
    edits[edit + OLD] = old;
    edits[edit + ADDED] = 0;
    edits[edit + GROWN] = 0;
    count++;
    return edit;
  }

  private void append(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, text, textLength, bytes.length);
    textLength += bytes.length;
  }

  private void appendText(String newText, boolean compact) {
    byte[] encoded = newText.getBytes(StandardCharsets.UTF_8);
    byte[] fit = encoded.length > Short.MAX_VALUE ? NOTHING : encoded;
    if (compact) {
      appendVarint(fit.length + 1);
    } else {
      appendNumber(2, fit.length);
    }
    append(fit);
  }

  private void appendNumber(int width, long number) {
    room(width);
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      text[textLength++] = (byte) (number >>> shift);
    }
  }

  private void appendVarint(int value) {
    room(5);
    textLength = writeVarint(value, text, textLength);
  }

  private void room(int bytes) {
    if (text.length - textLength < bytes) {
      text = Arrays.copyOf(text, Math.max(2 * text.length, textLength + bytes));
    }
  }

  // ---- reading ----------------------------------------------------------------------------------

  /** Whether it stays as it is. */
  private boolean isIdle(int edit) {
    return switch (edits[edit + FORM]) {
      case PLAIN -> false;
      case DEFERRED, DISCARDED -> true;
      case SIZE -> edits[edit + GROWN] == 0;
      default -> edits[edit + ADDED] == 0;
    };
  }

  /**
   * Computes the new numbers and sizes, innermost first: one that takes more bytes makes what is
   * around it grow.
   */
  private void settle() {
    if (settled) {
      return;
    }
    settled = true;
    for (int edit = (count - 1) * INTS; edit >= 0; edit -= INTS) {
      if (edits[edit + FORM] == DISCARDED) {
        continue;
      }
      int grown = edits[edit + GROWN];
      if (!isIdle(edit)) {
        mend(edit);
        grown += edits[edit + TEXT_LENGTH] - (edits[edit + TO] - edits[edit + FROM]);
      }
      int around = edits[edit + AROUND];
      if (around < 0) {
        growth += grown;
      } else {
        edits[around + GROWN] += grown;
        edits[around + ADDED] += edits[edit + ELEMENTS];
      }
    }
  }

  /** Writes the new number or size, if it is one. */
  private void mend(int edit) {
    if (edits[edit + FORM] == PLAIN) {
      return;
    }
    edits[edit + TEXT] = textLength;
    switch (edits[edit + FORM]) {
      case COUNT -> appendNumber(4, edits[edit + OLD] + edits[edit + ADDED]);
      case COMPACT_COUNT -> appendVarint(edits[edit + OLD] + edits[edit + ADDED] + 1);
      default -> appendVarint(edits[edit + OLD] + edits[edit + GROWN]);
    }
    edits[edit + TEXT_LENGTH] = textLength - edits[edit + TEXT];
  }
}
