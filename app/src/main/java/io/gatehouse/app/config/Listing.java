package io.gatehouse.app.config;

import io.gatehouse.auth.RedactedUrl;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The effective configuration as YAML, with the origin of each value as a comment. It is collected
 * when a configuration is read and rendered only on demand. User info and query of all URLs are
 * hidden.
 */
final class Listing {

  private static final int COMMENT_COLUMN = 48;
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z0-9_./][A-Za-z0-9_./@+=-]*(:[A-Za-z0-9_./@+=-]+)*");
  private static final Set<String> NULLS = Set.of("", "~", "null");

  private enum Form {
    SCALAR,
    LIST,
    EMPTY_MAPPING,
    NOTHING
  }

  /**
   * @param item whether the line is the first of a list item
   */
  private record Line(
      int depth, boolean item, String key, Form form, List<String> values, String comment) {}

  private final List<Line> lines = new ArrayList<>();
  private boolean item;

  /** Adds a key with its value. */
  void value(int depth, String key, String text, Origin origin) {
    add(depth, key, Form.SCALAR, List.of(text), origin.toString());
  }

  /** Adds a list of single values. */
  void list(int depth, String key, List<String> texts, Origin origin) {
    add(depth, key, Form.LIST, texts, origin.toString());
  }

  /** Adds a mapping without entries. */
  void emptyMapping(int depth, String key, Origin origin) {
    add(depth, key, Form.EMPTY_MAPPING, List.of(), origin.toString());
  }

  /** Adds a key without a value, with a comment that says what this means. */
  void absent(int depth, String key, String meaning) {
    add(depth, key, Form.NOTHING, List.of(), "default: " + meaning);
  }

  /** Adds a key whose values follow one level deeper. */
  void open(int depth, String key) {
    add(depth, key, Form.NOTHING, List.of(), "");
  }

  /** Makes the next line the first of a list item. */
  void item() {
    item = true;
  }

  private void add(int depth, String key, Form form, List<String> values, String comment) {
    List<String> shown = values.stream().map(RedactedUrl::of).toList();
    lines.add(new Line(depth, item, key, form, shown, comment));
    item = false;
  }

  String yaml() {
    StringBuilder yaml = new StringBuilder();
    for (Line line : lines) {
      int start = yaml.length();
      yaml.append("  ".repeat(line.item ? line.depth - 1 : line.depth));
      yaml.append(line.item ? "- " : "").append(scalar(line.key)).append(':');
      switch (line.form) {
        case SCALAR -> yaml.append(' ').append(scalar(line.values.getFirst()));
        case LIST -> {
          List<String> scalars = line.values.stream().map(Listing::scalar).toList();
          yaml.append(" [").append(String.join(", ", scalars)).append(']');
        }
        case EMPTY_MAPPING -> yaml.append(" {}");
        case NOTHING -> {}
      }
      if (!line.comment.isEmpty()) {
        int width = yaml.length() - start;
        yaml.append(" ".repeat(Math.max(2, COMMENT_COLUMN - width))).append("# ");
        yaml.append(line.comment);
      }
      yaml.append('\n');
    }
    return yaml.toString();
  }

  /** The YAML scalar for a text. */
  static String scalar(String text) {
    String escaped = text.replace("${", "$${");
    if (PLAIN.matcher(escaped).matches() && !NULLS.contains(text.toLowerCase(Locale.ROOT))) {
      return escaped;
    }
    StringBuilder quoted = new StringBuilder("\"");
    escaped
        .chars()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            quoted.append('\\').append((char) c);
          } else if (c < ' ' || c == 0x7f) {
            quoted.append(String.format("\\x%02x", c));
          } else {
            quoted.append((char) c);
          }
        });
    return quoted.append('"').toString();
  }
}
