package io.gatehouse.wire.walk;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Collects edits of a message while it is walked: replaced fields, structs and elements, dropped
 * and inserted elements. They must be made in the order of the walk. Element counts of outlined
 * arrays ({@link Outline}) and sizes of tagged fields around an edit are corrected, even if their
 * encoding changes its length. Everything is kept in two primitive arrays. Not thread-safe;
 * reusable.
 */
public final class Edits {

  // An edit is a group of ints at these offsets.
  private static final int FROM = 0; // it replaces bytes [from, to) of the message
  private static final int TO = 1;
  private static final int TEXT = 2; // index of the replacement in text
  private static final int TEXT_LENGTH = 3; // length of the replacement
  private static final int AROUND = 4; // the edit of the enclosing count or size, -1 for none
  private static final int ELEMENTS = 5; // how many elements it adds to the enclosing array
  private static final int FORM = 6; // one of the forms below
  private static final int OLD = 7; // the old value of a count or size
  private static final int ADDED = 8; // how many elements are added to the array of this count
  private static final int GROWN = 9; // how many bytes are added to the content of this size
  private static final int INTS = 10;

  // Forms: a requested edit, or the correction of a count or size.
  private static final int PLAIN = 0;
  private static final int COUNT = 1; // int32
  private static final int COMPACT_COUNT = 2; // unsigned varint, plus one
  private static final int SIZE = 3; // of a tagged field: unsigned varint
  private static final int DEFERRED = 4; // requested, without a value yet
  private static final int SET = 5; // was deferred, and has its value
  private static final int DISCARDED = 6; // was deferred, and is not wanted any more

  /** Larger arrays are not kept for the next message. */
  private static final int MOST_KEPT = 1 << 10;

  private static final byte[] NOTHING = {};

  private int[] edits = new int[8 * INTS];
  private int count;

  private byte[] text = new byte[128];
  private int textLength;

  /** The edits of the counts and sizes around the current position, outermost first. */
  private int[] open = new int[4];

  private int opened;
  private boolean settled;
  private int growth;

  /** The number of edits that change something. */
  private int changes;

  /** The last edit that drops elements, which the next element may extend; -1 if none may. */
  private int dropped = -1;

  public void clear() {
    count = 0;
    textLength = 0;
    opened = 0;
    settled = false;
    growth = 0;
    changes = 0;
    dropped = -1;
    if (edits.length > MOST_KEPT) {
      edits = new int[8 * INTS];
    }
    if (text.length > MOST_KEPT) {
      text = new byte[128];
    }
  }

  /** Whether the message stays unchanged. */
  public boolean isEmpty() {
    return changes == 0;
  }

  /** Memory held for the edits, in bytes. */
  public long heldBytes() {
    return (long) Integer.BYTES * edits.length + text.length;
  }

  /**
   * Replaces the bytes {@code [start, stop)} of the walked message: a field, or an element or
   * struct when its end is reported. Earlier edits within are discarded.
   */
  public void replace(Walker walker, int start, int stop, byte[] bytes) {
    forget(start);
    edit(walker, start, stop, bytes, 0);
  }

  /**
   * Reserves an edit of the field {@code [start, stop)}, whose new value is set after the walk.
   * Without a value the field stays unchanged; in an element that is dropped later, the value is
   * ignored.
   *
   * @return the edit, for the setters
   */
  public int defer(Walker walker, int start, int stop) {
    forget(start);
    int edit = edit(walker, start, stop, NOTHING, 0);
    edits[edit + FORM] = DEFERRED;
    changes--;
    return edit;
  }

  /** Position of the first byte of a deferred edit. */
  public int start(int edit) {
    return edits[edit + FROM];
  }

  /** Position after the last byte of a deferred edit. */
  public int stop(int edit) {
    return edits[edit + TO];
  }

  /**
   * Sets a string. One above 32767 bytes becomes empty, because the non-compact form cannot encode
   * it.
   *
   * @param compact whether the length is an unsigned varint plus one
   */
  public void setText(int edit, String newText, boolean compact) {
    if (begin(edit)) {
      appendText(newText, compact);
      edits[edit + TEXT_LENGTH] = textLength - edits[edit + TEXT];
    }
  }

  /** Sets an integer of unchanged width. */
  public void setNumber(int edit, long number) {
    if (begin(edit)) {
      appendNumber(edits[edit + TO] - edits[edit + FROM], number);
      edits[edit + TEXT_LENGTH] = textLength - edits[edit + TEXT];
    }
  }

  /**
   * Sets a host and the port after it, which were deferred as one edit.
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

  /** Prepares a deferred edit for its value; false if it was discarded. */
  private boolean begin(int edit) {
    if (edits[edit + FORM] == DISCARDED) {
      return false;
    }
    if (settled || edits[edit + FORM] != DEFERRED) {
      throw new IllegalStateException("a value is told that nothing waits for");
    }
    edits[edit + FORM] = SET;
    edits[edit + TEXT] = textLength;
    changes++;
    return true;
  }

  /**
   * Drops the element whose end the walker reports, and the edits within. Adjacent elements become
   * one edit, so that a run of any length takes no more memory than one element.
   *
   * @throws IllegalStateException also if an element was already inserted after it
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
    last = (count - 1) * INTS;
    if (edits[last + FORM] == PLAIN && edits[last + ELEMENTS] < 0) {
      dropped = last;
    }
    if (!settled
        && dropped >= 0
        && edits[dropped + AROUND] == around
        && edits[dropped + TO] == walker.start()) {
      edits[dropped + TO] = walker.stop();
      edits[dropped + ELEMENTS]--;
      return;
    }
    dropped = edit(walker, walker.start(), walker.stop(), NOTHING, -1);
  }

  /**
   * Inserts an element at the walker's position: before the element whose beginning it reports, or
   * after the element or array whose end it reports. A null array becomes one with this element.
   *
   * @param bytes the encoded element
   */
  public void insertElement(Walker walker, byte[] bytes) {
    edit(walker, walker.position(), walker.position(), bytes, 1);
    dropped = -1;
  }

  /** How many bytes the message grows by; negative if it shrinks. */
  public int growth() {
    settle();
    return growth;
  }

  /** Receives the pieces of an edited message, in order. */
  public interface Pieces {

    /** Bytes {@code [from, to)} of the original message. */
    void kept(int from, int to);

    /** Bytes {@code [from, from + length)} of an array, which must not be kept. */
    void edited(byte[] bytes, int from, int length);
  }

  /** Passes on the pieces of {@code [start, stop)}, which must contain all edits. */
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
   * Writes the edited message.
   *
   * @param source holds the message, whose position 0 is at index {@code zero}
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

  /** An encoded unsigned varint (KIP-482). */
  public static byte[] varint(int value) {
    int length = Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(value) + 6) / 7);
    byte[] bytes = new byte[length];
    writeVarint(value, bytes, 0);
    return bytes;
  }

  /** Writes an unsigned varint of up to five bytes, and returns the index after it. */
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

  /** Discards the edits of what begins at {@code start}, except for elements inserted before it. */
  private void forget(int start) {
    for (int edit = (count - 1) * INTS; edit >= 0 && edits[edit + TO] > start; edit -= INTS) {
      int form = edits[edit + FORM];
      changes -= form == PLAIN || form == SET ? 1 : 0;
      boolean known = form == DEFERRED || form == SET || form == DISCARDED;
      if (known || edit < (count - 1) * INTS) {
        // The caller of defer() knows the edit by its index, so that one is not used again.
        edits[edit + FORM] = DISCARDED;
      } else {
        count--;
        if (edits[edit + TEXT] + edits[edit + TEXT_LENGTH] == textLength) {
          textLength = edits[edit + TEXT];
        }
      }
      dropped = dropped == edit ? -1 : dropped;
    }
    while (opened > 0 && isGone(open[opened - 1])) {
      opened--;
    }
  }

  private boolean isGone(int edit) {
    return edit >= count * INTS || edits[edit + FORM] == DISCARDED;
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

  /**
   * Ensures that each count and size around the walker's position is an edit, and returns the
   * innermost.
   */
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

  /** Whether the edit changes nothing. */
  private boolean isIdle(int edit) {
    return switch (edits[edit + FORM]) {
      case PLAIN, SET -> false;
      case DEFERRED, DISCARDED -> true;
      case SIZE -> edits[edit + GROWN] == 0;
      default -> edits[edit + ADDED] == 0;
    };
  }

  /**
   * Computes the new counts and sizes, innermost first, because a longer one makes the enclosing
   * ones grow.
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

  /** Encodes the new value of a count or size. */
  private void mend(int edit) {
    if (edits[edit + FORM] == PLAIN || edits[edit + FORM] == SET) {
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
