package io.gatehouse.control.doc;

import io.gatehouse.auth.ControlCharacters;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** A piece of a document before it has a type. */
public sealed interface Value {

  /** Where it begins, counted from 1. */
  int line();

  /** What a reader would call it, a text in quotes and cut short. */
  String shown();

  /** Written as {@code null}, which is not the same as not written. */
  record Nothing(int line) implements Value {
    @Override
    public String shown() {
      return "null";
    }
  }

  /** A text. */
  record Text(String text, int line) implements Value {
    private static final int SHOWN = 80;

    @Override
    public String shown() {
      return quoted(text);
    }

    /** The text for a message: what could break a line becomes a question mark. */
    public static String quoted(String text) {
      StringBuilder shown = new StringBuilder("'");
      text.codePoints()
          .limit(SHOWN)
          .forEach(c -> shown.appendCodePoint(ControlCharacters.is(c) ? '?' : c));
      return shown.append(text.length() > SHOWN ? "...'" : "'").toString();
    }
  }

  /** A number, as it was written. */
  record Numeral(String digits, int line) implements Value {
    @Override
    public String shown() {
      return digits.length() <= Text.SHOWN ? digits : "a number of " + digits.length() + " digits";
    }
  }

  /** True or false. */
  record Flag(boolean is, int line) implements Value {
    @Override
    public String shown() {
      return String.valueOf(is);
    }
  }

  /** A list. */
  record Items(List<Value> items, int line) implements Value {
    public Items {
      items = List.copyOf(items);
    }

    @Override
    public String shown() {
      return "a list";
    }
  }

  /** Named values in the order they were written; each name once. */
  record Fields(SequencedMap<String, Value> fields, int line) implements Value {
    public Fields {
      fields = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(fields));
    }

    @Override
    public String shown() {
      return "an object";
    }
  }
}
