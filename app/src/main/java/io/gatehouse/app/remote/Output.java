package io.gatehouse.app.remote;

import io.gatehouse.auth.ControlCharacters;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.doc.YamlText;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Prints resources as a table, YAML or JSON. */
enum Output {
  TABLE,
  YAML,
  JSON;

  private static final int WIDEST = 60;

  static Output of(@Nullable String given, Output fallback) throws Failure {
    if (given == null) {
      return fallback;
    }
    for (Output output : values()) {
      if (output.name().equalsIgnoreCase(given)) {
        return output;
      }
    }
    throw new Failure("--output is '" + given + "', but must be table, yaml or json");
  }

  void print(List<Value> resources, PrintStream out) {
    switch (this) {
      case TABLE -> table(resources, out);
      case YAML -> out.print(yaml(resources));
      case JSON -> out.println(json(new Value.Items(resources, 0)));
    }
  }

  /** Several documents. */
  static String yaml(List<Value> resources) {
    return YamlText.of(
        resources.stream()
            .filter(Value.Fields.class::isInstance)
            .map(resource -> ((Value.Fields) resource).plain())
            .toList());
  }

  /** One document without the line of dashes. */
  static String yaml(Value resource) {
    return yaml(List.of(resource)).replaceFirst("^---\n", "");
  }

  /** A value inside an object, or null. */
  static @Nullable Value at(@Nullable Value value, String... path) {
    Value at = value;
    for (String name : path) {
      at = at instanceof Value.Fields fields ? fields.fields().get(name) : null;
    }
    return at;
  }

  /** A text inside an object; empty if there is none. */
  static String text(@Nullable Value value, String... path) {
    return at(value, path) instanceof Value.Text text ? text.text() : "";
  }

  /** A table for each kind, in the order in which they come. */
  private static void table(List<Value> resources, PrintStream out) {
    Map<String, List<Value>> kinds = new LinkedHashMap<>();
    for (Value resource : resources) {
      kinds.computeIfAbsent(text(resource, "kind"), _ -> new ArrayList<>()).add(resource);
    }
    boolean first = true;
    for (Map.Entry<String, List<Value>> kind : kinds.entrySet()) {
      if (!first) {
        out.println();
      }
      first = false;
      if (kinds.size() > 1) {
        out.println(shown(kind.getKey()));
      }
      rows(kind.getValue()).forEach(out::println);
    }
  }

  /** The columns are the fields of metadata and spec that any of the resources has. */
  private static List<String> rows(List<Value> resources) {
    Set<List<String>> paths = new LinkedHashSet<>();
    for (String part : List.of("metadata", "spec")) {
      for (Value resource : resources) {
        if (at(resource, part) instanceof Value.Fields fields) {
          fields.fields().keySet().forEach(name -> paths.add(List.of(part, name)));
        }
      }
    }
    List<List<String>> cells = new ArrayList<>();
    cells.add(paths.stream().map(path -> shown(path.getLast()).toUpperCase(Locale.ROOT)).toList());
    for (Value resource : resources) {
      cells.add(
          paths.stream().map(path -> cell(at(resource, path.toArray(String[]::new)))).toList());
    }
    int[] widths = new int[paths.size()];
    for (List<String> row : cells) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return cells.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 3);
    }
    return line.toString().stripTrailing();
  }

  /** A value in one short line. */
  static String cell(@Nullable Value value) {
    String cell =
        switch (value) {
          case null -> "";
          case Value.Nothing _ -> "null";
          case Value.Text text -> text.text();
          case Value.Items list ->
              list.items().stream()
                  .map(item -> item instanceof Value.Fields ? text(item, "name") : cell(item))
                  .collect(Collectors.joining(","));
          case Value.Fields object ->
              object.fields().entrySet().stream()
                  .map(field -> field.getKey() + "=" + cell(field.getValue()))
                  .collect(Collectors.joining(","));
          default -> value.shown();
        };
    return shown(cell.length() > WIDEST ? cell.substring(0, WIDEST - 3) + "..." : cell);
  }

  /** Without what could control the terminal. */
  private static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().forEach(c -> shown.appendCodePoint(ControlCharacters.is(c) ? '?' : c));
    return shown.toString();
  }

  /** Indented JSON. */
  static String json(Value value) {
    StringBuilder out = new StringBuilder();
    json(out, value, "\n");
    return out.toString();
  }

  private static void json(StringBuilder out, Value value, String newline) {
    String inner = newline + "  ";
    switch (value) {
      case Value.Nothing _ -> out.append("null");
      case Value.Flag flag -> out.append(flag.is());
      case Value.Numeral number -> out.append(number.digits());
      case Value.Text text -> quote(out, text.text());
      case Value.Items list -> {
        String separator = "[";
        for (Value item : list.items()) {
          out.append(separator).append(inner);
          json(out, item, inner);
          separator = ",";
        }
        out.append(list.items().isEmpty() ? "[]" : newline + "]");
      }
      case Value.Fields object -> {
        SequencedMap<String, Value> fields = object.fields();
        String separator = "{";
        for (Map.Entry<String, Value> field : fields.entrySet()) {
          out.append(separator).append(inner);
          quote(out, field.getKey());
          out.append(": ");
          json(out, field.getValue(), inner);
          separator = ",";
        }
        out.append(fields.isEmpty() ? "{}" : newline + "}");
      }
    }
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (ControlCharacters.is(c)) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
