package io.gatehouse.control.doc;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes YAML that people can read and change: maps, lists, texts, numbers, flags and null. */
public final class YamlText {

  /** Texts that every YAML parser reads as texts without quotes. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9_/.-]*");

  private static final Set<String> NOT_PLAIN =
      Set.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

  private final StringBuilder out = new StringBuilder(1024);

  private YamlText() {}

  /** Writes several documents, each after a line of dashes. */
  public static String of(List<? extends Map<String, ?>> documents) {
    YamlText text = new YamlText();
    for (Map<String, ?> document : documents) {
      text.out.append("---\n");
      text.fields(document, 0);
    }
    return text.out.toString();
  }

  private void fields(Map<?, ?> fields, int depth) {
    fields.forEach((name, value) -> {
      indent(depth);
      field(name, value, depth);
    });
  }

  private void field(@Nullable Object name, @Nullable Object value, int depth) {
    scalar(name);
    out.append(':');
    switch (value) {
      case Map<?, ?> map when !map.isEmpty() -> {
        out.append('\n');
        fields(map, depth + 1);
      }
      case List<?> list when !list.isEmpty() -> {
        out.append('\n');
        indent(depth);
        items(list, depth);
      }
      case null, default -> {
        out.append(' ');
        scalar(value);
        out.append('\n');
      }
    }
  }

  /** Writes the items. The first one begins where the text ends, the others at the depth. */
  private void items(List<?> list, int depth) {
    boolean first = true;
    for (Object item : list) {
      if (!first) {
        indent(depth);
      }
      first = false;
      out.append("- ");
      item(item, depth + 1);
    }
  }

  private void item(@Nullable Object item, int depth) {
    switch (item) {
      case Map<?, ?> map when !map.isEmpty() -> {
        boolean first = true;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          if (!first) {
            indent(depth);
          }
          first = false;
          field(entry.getKey(), entry.getValue(), depth);
        }
      }
      case List<?> list when !list.isEmpty() -> items(list, depth);
      case null, default -> {
        scalar(item);
        out.append('\n');
      }
    }
  }

  private void indent(int depth) {
    out.repeat("  ", depth);
  }

  private void scalar(@Nullable Object value) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map when map.isEmpty() -> out.append("{}");
      case List<?> list when list.isEmpty() -> out.append("[]");
      case Integer _, Long _, Digits _, Boolean _ -> out.append(value);
      case String text -> text(text);
      default -> throw new IllegalArgumentException("no YAML for a " + value.getClass().getName());
    }
  }

  private void text(String text) {
    if (PLAIN.matcher(text).matches() && !NOT_PLAIN.contains(text.toLowerCase(Locale.ROOT))) {
      out.append(text);
      return;
    }
    out.append('"');
    text.codePoints()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            out.append('\\').appendCodePoint(c);
          } else if (c >= ' ' && c <= '~') {
            out.appendCodePoint(c);
          } else {
            out.append(c <= 0xFFFF ? "\\u%04X".formatted(c) : "\\U%08X".formatted(c));
          }
        });
    out.append('"');
  }
}
