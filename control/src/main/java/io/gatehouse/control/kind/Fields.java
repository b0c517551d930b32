package io.gatehouse.control.kind;

import io.gatehouse.auth.ControlCharacters;
import io.gatehouse.auth.Nearest;
import io.gatehouse.auth.Secret;
import io.gatehouse.control.doc.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the typed fields of one object. An invalid field is reported and replaced by a placeholder,
 * so that all problems are found in one run. Unknown fields are reported too.
 */
final class Fields {

  private static final String PLACEHOLDER = "-";
  private static final int LONGEST_TEXT = 1024;

  /** A key of YAML has at most 1024 characters, escapes counted. */
  private static final int LONGEST_KEY = 160;

  /** Of a free object: stored records, which have other objects around it, can be read then. */
  private static final int DEEPEST_FREE = 28;

  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,19}");

  private final String path;
  private final Map<String, Value> fields;
  private final Problems problems;
  private final Set<String> asked = new LinkedHashSet<>();

  private Fields(String path, Map<String, Value> fields, Problems problems) {
    this.path = path;
    this.fields = fields;
    this.problems = problems;
  }

  /** The fields of a whole document. */
  static Fields of(Value document, Problems problems) {
    return of(document, "", problems);
  }

  private static Fields of(Value value, String path, Problems problems) {
    if (value instanceof Value.Fields given) {
      return new Fields(path, given.fields(), problems);
    }
    problems.add((path.isEmpty() ? "" : path + ": ") + value.shown() + " stands for an object");
    return new Fields(path, Map.of(), new Problems());
  }

  /** A required object. */
  Fields object(String name) {
    Value value = required(name);
    return value == null
        ? new Fields(at(name), Map.of(), new Problems())
        : of(value, at(name), problems);
  }

  /** A required text; a placeholder if it is missing. */
  String text(String name, @Nullable Pattern pattern) {
    Value value = required(name);
    String text = value == null ? null : text(value, at(name), pattern);
    return text == null ? PLACEHOLDER : text;
  }

  /** A text, or the default if it is absent or null. */
  String text(String name, @Nullable Pattern pattern, String fallback) {
    Value value = given(name);
    String text = value == null ? null : text(value, at(name), pattern);
    return text == null ? fallback : text;
  }

  /** A text, or null if it is absent or null. */
  @Nullable String textOrNull(String name, @Nullable Pattern pattern) {
    Value value = given(name);
    return value == null ? null : text(value, at(name), pattern);
  }

  /** A text that may be long, have several lines or be empty; null if it is absent or null. */
  @Nullable String textOrEmpty(String name) {
    Value value = given(name);
    if (value instanceof Value.Text text) {
      requireUnicode(text, at(name));
      return text.text();
    }
    if (value != null) {
      problem(name, value, "is not a text");
    }
    return null;
  }

  /** A text that is never shown, or null if it is absent or null. */
  @Nullable Secret secret(String name, int minLength) {
    Value value = given(name);
    if (value == null) {
      return null;
    }
    if (value instanceof Value.Text text
        && text.text().length() >= minLength
        && text.text().length() <= LONGEST_TEXT
        && !ControlCharacters.in(text.text())) {
      return new Secret(text.text());
    }
    problem(
        name,
        "it is not a text of %d to %d characters without control characters"
            .formatted(minLength, LONGEST_TEXT));
    return null;
  }

  /** A required text with few valid values. */
  void constant(String name, List<String> allowed) {
    Value value = required(name);
    if (value == null) {
      return;
    }
    String text = text(value, at(name), null);
    if (text != null && !allowed.contains(text)) {
      problem(name, value, "is not " + String.join(" or ", allowed));
    }
  }

  /** A required name of an enum constant, case-insensitive; the first one if it is missing. */
  <E extends Enum<E>> E choice(String name, Class<E> type) {
    E choice = choice(name, type, required(name));
    return choice == null ? type.getEnumConstants()[0] : choice;
  }

  /** The same, or the default if it is absent or null. */
  <E extends Enum<E>> E choice(String name, E fallback) {
    E choice = choice(name, fallback.getDeclaringClass(), given(name));
    return choice == null ? fallback : choice;
  }

  private <E extends Enum<E>> @Nullable E choice(
      String name, Class<E> type, @Nullable Value value) {
    String text = value == null ? null : text(value, at(name), null);
    if (value == null || text == null) {
      return null;
    }
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(text)) {
        return constant;
      }
      names.add(constant.name());
    }
    String nearest = Nearest.to(text, names);
    String hint = nearest == null ? "" : ", did you mean " + nearest + "?";
    problem(name, value, "is not one of " + String.join(", ", names) + hint);
    return null;
  }

  /** A required integer. */
  long number(String name, long least, long most) {
    Value value = required(name);
    if (value == null) {
      return least;
    }
    String rule = "is not a whole number from " + least + " to " + most;
    if (value instanceof Value.Numeral number && INTEGER.matcher(number.digits()).matches()) {
      try {
        long parsed = Long.parseLong(number.digits());
        if (parsed >= least && parsed <= most) {
          return parsed;
        }
      } catch (NumberFormatException _) {
        // Larger than a long, and therefore out of range.
      }
    }
    problem(name, value, rule);
    return least;
  }

  /** True or false, or the default if it is absent or null. */
  boolean flag(String name, boolean fallback) {
    Value value = given(name);
    if (value instanceof Value.Flag flag) {
      return flag.is();
    }
    if (value != null) {
      problem(name, value, "is not true or false");
    }
    return fallback;
  }

  /** A list of distinct texts; empty if it is absent or null. */
  List<String> texts(String name, @Nullable Pattern pattern) {
    Set<String> texts = new LinkedHashSet<>();
    each(
        name,
        (item, at) -> {
          String text = text(item, at, pattern);
          if (text != null && !texts.add(text)) {
            problems.add(at + ": " + item.shown() + " is there twice");
          }
        });
    return List.copyOf(texts);
  }

  /** A list of objects; empty if it is absent or null. */
  List<Fields> objects(String name) {
    List<Fields> objects = new ArrayList<>();
    each(name, (item, at) -> objects.add(of(item, at, problems)));
    return objects;
  }

  private interface OnItem {
    void accept(Value item, String at);
  }

  private void each(String name, OnItem action) {
    Value value = given(name);
    if (value instanceof Value.Items list) {
      for (int i = 0; i < list.items().size(); i++) {
        action.accept(list.items().get(i), at(name) + "[" + i + "]");
      }
    } else if (value != null) {
      problem(name, value, "is not a list");
    }
  }

  /** A required object of any fields, in the form of {@link Value#plain}. */
  Map<String, @Nullable Object> free(String name) {
    Value value = required(name);
    if (value instanceof Value.Fields fields) {
      if (depth(fields) > DEEPEST_FREE) {
        problem(name, "it is nested more than " + DEEPEST_FREE + " levels deep");
        return Map.of();
      }
      requireUnicode(fields, at(name));
      return fields.plain();
    }
    if (value != null) {
      problem(name, value, "is not an object");
    }
    return Map.of();
  }

  /**
   * An object of texts, which may be written as numbers or booleans; empty if it is absent or null.
   */
  Map<String, String> settings(String name) {
    Map<String, String> settings = new LinkedHashMap<>();
    switch (given(name)) {
      case null -> {}
      case Value.Fields object -> {
        requireUnicode(object, at(name));
        object
            .fields()
            .forEach((key, value) -> {
              String text = setting(value);
              if (text == null || text.length() > LONGEST_TEXT) {
                String at = at(name) + "." + Value.Text.bare(key);
                problems.add(at + ": " + value.shown() + " is not a short text");
              } else {
                settings.put(key, text);
              }
            });
      }
      case Value other -> problem(name, other, "is not an object");
    }
    return settings;
  }

  private static @Nullable String setting(Value value) {
    return switch (value) {
      case Value.Text text -> ControlCharacters.in(text.text()) ? null : text.text();
      case Value.Numeral number -> number.digits();
      case Value.Flag flag -> String.valueOf(flag.is());
      default -> null;
    };
  }

  private static int depth(Value value) {
    @Nullable Collection<Value> parts =
        switch (value) {
          case Value.Items list -> list.items();
          case Value.Fields object -> object.fields().values();
          case Value.Text _, Value.Nothing _, Value.Numeral _, Value.Flag _ -> null;
        };
    return parts == null ? 0 : 1 + parts.stream().mapToInt(Fields::depth).max().orElse(0);
  }

  private void requireUnicode(Value value, String at) {
    switch (value) {
      case Value.Text text -> {
        if (hasLoneSurrogate(text.text())) {
          problems.add(at + ": " + value.shown() + " has half of a surrogate pair");
        }
      }
      case Value.Items list -> {
        for (int i = 0; i < list.items().size(); i++) {
          requireUnicode(list.items().get(i), at + "[" + i + "]");
        }
      }
      case Value.Fields object ->
          object
              .fields()
              .forEach((name, field) -> {
                if (name.length() > LONGEST_KEY || hasLoneSurrogate(name)) {
                  problems.add(
                      at
                          + ": the key "
                          + Value.Text.quoted(name)
                          + " is longer than "
                          + LONGEST_KEY
                          + " characters, or has half of a surrogate pair");
                }
                requireUnicode(field, at + "." + Value.Text.bare(name));
              });
      case Value.Nothing _, Value.Numeral _, Value.Flag _ -> {}
    }
  }

  private static boolean hasLoneSurrogate(String text) {
    return text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  /** Accepts a field that only the gateway sets: it is in what a user reads and sends back. */
  void readOnly(String name) {
    asked.add(name);
  }

  /** Whether the field is present and not null. */
  boolean isGiven(String name) {
    return given(name) != null;
  }

  /** Whether the field is present and null. */
  boolean isNull(String name) {
    return has(name) && fields.get(name) instanceof Value.Nothing;
  }

  /** Whether the field is present, even as null. */
  boolean has(String name) {
    asked.add(name);
    return fields.containsKey(name);
  }

  String path() {
    return path;
  }

  /** Adds a problem with a field. */
  void problem(String name, String message) {
    problems.add(at(name) + ": " + message);
  }

  /** Reports unknown fields. */
  void close() {
    for (String name : fields.keySet()) {
      if (!asked.contains(name)) {
        problems.add(
            (path.isEmpty() ? "" : path + ": ")
                + "there is no field "
                + Value.Text.quoted(name)
                + Nearest.hintOrAll(name, asked));
      }
    }
  }

  private void problem(String name, Value seen, String rule) {
    problem(name, seen.shown() + " " + rule);
  }

  private @Nullable Value required(String name) {
    asked.add(name);
    Value value = fields.get(name);
    if (value == null || value instanceof Value.Nothing) {
      problem(name, value == null ? "it is missing" : "null stands where a value must be");
      return null;
    }
    return value;
  }

  private @Nullable Value given(String name) {
    asked.add(name);
    Value value = fields.get(name);
    return value instanceof Value.Nothing ? null : value;
  }

  private @Nullable String text(Value value, String at, @Nullable Pattern pattern) {
    if (!(value instanceof Value.Text given)) {
      problems.add(at + ": " + value.shown() + " is not a text");
      return null;
    }
    String text = given.text();
    String wrong =
        text.isEmpty()
            ? "is empty"
            : text.length() > LONGEST_TEXT // before the pattern, which may need stack for each one
                ? "is longer than " + LONGEST_TEXT + " characters"
                : pattern != null && !pattern.matcher(text).matches()
                    ? "does not match ^" + pattern + "$"
                    : ControlCharacters.in(text) ? "has control characters" : null;
    if (wrong != null) {
      problems.add(at + ": " + value.shown() + " " + wrong);
      return null;
    }
    return text;
  }

  private String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** An ordered map of names and values: name, value, name, value ... */
  static Map<String, @Nullable Object> map(@Nullable Object... namesAndValues) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return map;
  }
}
