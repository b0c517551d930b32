package io.gatehouse.wire.tree;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes JSON sequentially, up to a limit.
 *
 * <p>It always keeps room for the closing brackets and for one mark of missing content. A field or
 * element that would take that room is removed again and replaced by the mark; from then on {@link
 * #name} and {@link #element} return false and only closing brackets are written.
 */
final class BoundedJson {

  private static final String MISSING_FIELD = "\"…\":\"…\"";
  private static final String MISSING_ELEMENT = "\"…\"";

  /** Length of the mark and the comma before it. */
  private static final int MARK = MISSING_FIELD.length() + 1;

  /** A text shorter than this is left out instead of truncated, in chars. */
  private static final int SHORTEST_CUT = 16;

  private final int limit;
  private final StringBuilder out = new StringBuilder();

  /** The open brackets, innermost first. */
  private final Deque<Character> open = new ArrayDeque<>();

  /** The number of open objects and arrays that were not written. */
  private int unwritten;

  /** The beginning of the current field or element, including its comma. */
  private int start;

  private boolean full;

  BoundedJson(int limit) {
    this.limit = limit;
  }

  void open(char bracket) {
    if (!full && fits(2)) {
      out.append(bracket);
      open.push(bracket);
      return;
    }
    giveUp();
    unwritten++;
  }

  void close() {
    if (unwritten > 0) {
      unwritten--;
    } else {
      out.append(open.pop() == '{' ? '}' : ']');
    }
  }

  /** Begins a field of an object; false if the limit is reached. */
  boolean name(String name) {
    if (!element()) {
      return false;
    }
    out.append('"');
    escape(name, Integer.MAX_VALUE);
    out.append("\":");
    return true;
  }

  /** Begins an element of an array; false if the limit is reached. */
  boolean element() {
    if (full) {
      return false;
    }
    start = out.length();
    comma();
    return true;
  }

  void literal(String literal) {
    if (!full && fits(literal.length())) {
      out.append(literal);
    } else {
      giveUp();
    }
  }

  /** Writes a string, truncated if it does not fit. */
  void text(String text) {
    if (full) {
      return;
    }
    int begin = out.length();
    int room = limit - begin - 2 - open.size() - MARK;
    out.append('"');
    if (room < 0 || !escape(text, room)) {
      if (room < SHORTEST_CUT) {
        giveUp();
        return;
      }
      out.setLength(begin + 1);
      escape(text, room - 1);
      out.append('…');
    }
    out.append('"');
  }

  private void giveUp() {
    if (full) {
      return;
    }
    full = true;
    out.setLength(start);
    comma();
    out.append(open.element() == '{' ? MISSING_FIELD : MISSING_ELEMENT);
  }

  private void comma() {
    char before = out.charAt(out.length() - 1);
    if (before != '{' && before != '[') {
      out.append(',');
    }
  }

  private boolean fits(int chars) {
    return out.length() + chars + open.size() + MARK <= limit;
  }

  /** Appends at most {@code room} chars of an escaped text; false if it was truncated. */
  private boolean escape(String text, int room) {
    long stop = (long) out.length() + room;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      int before = out.length();
      escape(point);
      if (out.length() > stop) {
        out.setLength(before);
        return false;
      }
      i += Character.charCount(point);
    }
    return true;
  }

  private void escape(int point) {
    switch (point) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (isPlain(point)) {
          out.appendCodePoint(point);
        } else {
          out.append(String.format("\\u%04x", point));
        }
      }
    }
  }

  /**
   * Whether a char is safe in a log: no control character, lone surrogate, line separator or
   * bidirectional mark.
   */
  private static boolean isPlain(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.FORMAT -> Character.isSupplementaryCodePoint(point);
      default -> true;
    };
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
