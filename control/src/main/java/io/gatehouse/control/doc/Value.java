package io.gatehouse.control.doc;

import io.gatehouse.auth.ControlCharacters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A parsed value of a document, not yet checked against a kind. */
public sealed interface Value {

  /** The line where it begins, counted from 1. */
  int line();

  /** A description for error messages. Texts are quoted and shortened. */
  String shown();

  /**
   * The value without lines, compared by what it is: null, a String, {@link Digits}, a Boolean, a
   * List or a Map in the order of the document.
   */
  @Nullable Object plain();

  /** An explicit {@code null}, which differs from an absent field. */
  record Nothing(int line) implements Value {
    @Override
    public @Nullable Object plain() {
      return null;
    }

    @Override
    public String shown() {
      return "null";
    }
  }

  /** A text. */
  record Text(String text, int line) implements Value {
    private static final int SHOWN = 80;

    @Override
    public Object plain() {
      return text;
    }

    @Override
    public String shown() {
      return quoted(text);
    }

    /** The text for a message. Control characters become question marks. */
    public static String quoted(String text) {
      return "'" + bare(text) + "'";
    }

    /** The same without quotes. */
    public static String bare(String text) {
      StringBuilder shown = new StringBuilder();
      text.codePoints()
          .limit(SHOWN)
          .forEach(c -> shown.appendCodePoint(ControlCharacters.is(c) ? '?' : c));
      return shown.append(text.length() > SHOWN ? "..." : "").toString();
    }
  }

  /** A number in its original spelling. */
  record Numeral(String digits, int line) implements Value {
    @Override
    public Object plain() {
      return Digits.of(digits);
    }

    @Override
    public String shown() {
      return digits.length() <= Text.SHOWN ? digits : "a number of " + digits.length() + " digits";
    }
  }

  /** True or false. */
  record Flag(boolean is, int line) implements Value {
    @Override
    public Object plain() {
      return is;
    }

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
    public Object plain() {
      List<@Nullable Object> plain = new ArrayList<>();
      items.forEach(item -> plain.add(item.plain()));
      return Collections.unmodifiableList(plain);
    }

    @Override
    public String shown() {
      return "a list";
    }
  }

  /** An object: unique names and values in the order of the document. */
  record Fields(SequencedMap<String, Value> fields, int line) implements Value {
    public Fields {
      fields = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(fields));
    }

    @Override
    public Map<String, @Nullable Object> plain() {
      Map<String, @Nullable Object> plain = new LinkedHashMap<>();
      fields.forEach((name, value) -> plain.put(name, value.plain()));
      return Collections.unmodifiableMap(plain);
    }

    @Override
    public String shown() {
      return "an object";
    }
  }
}
