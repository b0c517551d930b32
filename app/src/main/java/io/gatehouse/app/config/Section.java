package io.gatehouse.app.config;

import io.gatehouse.auth.Nearest;
import io.gatehouse.auth.RedactedArguments;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Source;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the typed values of one mapping of the configuration. A key that was never asked for is
 * reported as unknown. An invalid value is reported and replaced by the default, so that all
 * problems are found in one run. A {@code GATEHOUSE_} variable overrides every other source except
 * flags.
 */
final class Section {

  private final BindingContext context;
  private final String path;
  private final int depth;
  private final Node.Mapping mapping;
  private final Set<String> asked = new LinkedHashSet<>();
  private final Set<String> later = new LinkedHashSet<>();
  private final Map<String, Origin> origins = new HashMap<>();
  private final int problemsBefore;

  private Section(BindingContext context, String path, int depth, Node.Mapping mapping) {
    this.context = context;
    this.path = path;
    this.depth = depth;
    this.mapping = mapping;
    this.problemsBefore = context.problems().size();
  }

  static Section root(BindingContext context, Node.Mapping mapping) {
    return new Section(context, "", 0, mapping);
  }

  Problems problems() {
    return context.problems();
  }

  /** Whether no problem was found in this section so far. */
  boolean isFine() {
    return context.problems().size() == problemsBefore;
  }

  /** Declares keys of later versions, which are reported as not supported yet. */
  Section later(String... keys) {
    later.addAll(List.of(keys));
    return this;
  }

  /** Whether the key is given. Does not add it to the listing. */
  boolean has(String key) {
    asked.add(key);
    String at = pathOf(key);
    boolean byVariable = context.variables().anyBelow(at) || context.variables().has(at);
    Node node = mapping.entries().get(key);
    return !(node instanceof Node.Nothing) && (node != null || byVariable);
  }

  /** Whether the value of the key is a mapping, ignoring variables. */
  boolean isMapping(String key) {
    return mapping.entries().get(key) instanceof Node.Mapping;
  }

  /** The origin of the key's value. */
  Origin originOf(String key) {
    return origins.getOrDefault(key, Origin.DEFAULT);
  }

  String text(String key, String fallback) {
    return value(key, fallback, Function.identity(), Function.identity());
  }

  /** A text, or null if it is not given. */
  @Nullable String optionalText(String key, String meaning, Function<String, String> check) {
    return optional(key, meaning, check, Function.identity());
  }

  /** A text that is never shown, or null if it is not given. */
  @Nullable Secret secret(String key) {
    Node.Scalar given = scalar(key);
    if (given == null) {
      context.listing().absent(depth, key, "none");
      return null;
    }
    Secret secret = new Secret(given.text());
    context.listing().value(depth, key, secret.toString(), given.origin());
    return secret;
  }

  /** A value that is parsed from a text, or null if it is not given. */
  <T> @Nullable T optional(
      String key, String meaning, Function<String, T> parser, Function<? super T, String> shown) {
    Node.Scalar given = scalar(key);
    if (given == null) {
      context.listing().absent(depth, key, meaning);
      return null;
    }
    T value = parse(key, given, parser);
    context.listing().value(depth, key, value == null ? "" : shown.apply(value), given.origin());
    return value;
  }

  /** The path of a file, or null if it is not given. Does not check whether the file exists. */
  @Nullable Path path(String key, String meaning) {
    return optional(key, meaning, Parse::path, Path::toString);
  }

  /** Adds a key to the listing that is known to be missing. */
  void absent(String key, String meaning) {
    asked.add(key);
    context.listing().absent(depth, key, meaning);
  }

  /** The keys of a mapping, in the order of the file. */
  List<String> names(String key) {
    asked.add(key);
    return List.copyOf(mappingAt(key).entries().keySet());
  }

  int number(String key, int fallback, int least, int most) {
    return value(key, fallback, text -> Parse.number(text, least, most), String::valueOf);
  }

  /** A whole number, or null if it is not given. */
  @Nullable Integer optionalNumber(String key, String meaning, int least, int most) {
    Node.Scalar given = scalar(key);
    if (given == null) {
      context.listing().absent(depth, key, meaning);
      return null;
    }
    Integer number = parse(key, given, text -> Parse.number(text, least, most));
    context.listing().value(depth, key, given.text(), given.origin());
    return number;
  }

  long bytes(String key, long fallback, long least, long most) {
    return value(key, fallback, text -> Parse.bytes(text, least, most), ByteSizes::format);
  }

  Duration duration(String key, Duration fallback, boolean zeroAllowed) {
    return value(key, fallback, text -> Parse.duration(text, zeroAllowed), Durations::format);
  }

  boolean flag(String key, boolean fallback) {
    return value(key, fallback, Parse::flag, String::valueOf);
  }

  /** A constant of an enum, written in lower case with dashes. */
  <E extends Enum<E>> E choice(String key, E fallback, Class<E> type) {
    return value(key, fallback, text -> Parse.choice(text, type), Parse::nameOf);
  }

  /** A value that is parsed from a text. */
  <T> T value(
      String key, T fallback, Function<String, T> parser, Function<? super T, String> shown) {
    Node.Scalar given = scalar(key);
    if (given == null) {
      context.listing().value(depth, key, shown.apply(fallback), Origin.DEFAULT);
      return fallback;
    }
    T parsed = parse(key, given, parser);
    T value = parsed == null ? fallback : parsed;
    context.listing().value(depth, key, shown.apply(value), given.origin());
    return value;
  }

  /**
   * A list of single values; a text is split at its commas.
   *
   * @param meaning the meaning of a missing list, for the listing
   */
  <T> List<T> list(
      String key, String meaning, Function<String, T> parser, Function<T, String> shown) {
    Node node = find(key);
    List<T> values = new ArrayList<>();
    if (node == null) {
      context.listing().absent(depth, key, meaning);
      return values;
    }
    for (Node.Scalar item : items(key, node)) {
      T value = parse(key, item, parser);
      if (value != null) {
        values.add(value);
      }
    }
    context.listing().list(depth, key, values.stream().map(shown).toList(), node.origin());
    return values;
  }

  /** A mapping of single values; a text is split into {@code key=value} at its commas. */
  <K, V> Map<K, V> map(String key, Function<String, K> keys, Function<String, V> values) {
    Node node = find(key);
    Map<K, V> result = new LinkedHashMap<>();
    if (node == null) {
      context.listing().emptyMapping(depth, key, Origin.DEFAULT);
      return result;
    }
    Map<String, Node> entries = entries(key, node);
    if (entries.isEmpty()) {
      context.listing().emptyMapping(depth, key, node.origin());
      return result;
    }
    context.listing().open(depth, key);
    entries.forEach((name, value) -> {
      if (!(value instanceof Node.Scalar scalar)) {
        expected(key + "." + name, value, "a single value");
        return;
      }
      K parsedKey = parse(key, new Node.Scalar(name, value.origin()), keys);
      V parsedValue = parse(key + "." + name, scalar, values);
      if (parsedKey != null && parsedValue != null) {
        result.put(parsedKey, parsedValue);
      }
      context.listing().value(depth + 1, name, scalar.text(), value.origin());
    });
    return result;
  }

  /** The arguments of a program, not split at commas. Only their names are shown. */
  List<String> secretList(String key) {
    Node node = find(key);
    List<String> texts = new ArrayList<>();
    if (node == null) {
      context.listing().absent(depth, key, "none");
      return texts;
    }
    if (node instanceof Node.Scalar scalar) {
      texts.add(scalar.text());
    } else {
      items(key, node).forEach(item -> texts.add(item.text()));
    }
    context.listing().list(depth, key, RedactedArguments.of(texts), node.origin());
    return texts;
  }

  /** Registers a check of files that runs only with {@code config --check}. */
  void onCheck(Runnable look) {
    context.fileChecks().add(look);
  }

  /**
   * Properties of a Java client by name; nested keys are joined with dots. Values that may be
   * secret are never shown.
   */
  Map<String, String> properties(String key) {
    Node node = find(key);
    Map<String, String> result = new LinkedHashMap<>();
    if (node == null) {
      context.listing().emptyMapping(depth, key, Origin.DEFAULT);
      return result;
    }
    if (node instanceof Node.Scalar scalar) {
      Node.Mapping lines = parse(key, scalar, _ -> ClientProperties.lines(scalar));
      node = lines == null ? Node.Mapping.EMPTY : lines;
    }
    if (!(node instanceof Node.Mapping entries)) {
      expected(key, node, "a mapping");
      return result;
    }
    context.listing().open(depth, key);
    flatten("", key, entries, result);
    return result;
  }

  private void flatten(String prefix, String key, Node node, Map<String, String> into) {
    switch (node) {
      case Node.Mapping mapping ->
          mapping
              .entries()
              .forEach((name, value) ->
                  flatten(prefix.isEmpty() ? name : prefix + "." + name, key, value, into));
      case Node.Scalar scalar -> {
        into.put(prefix, scalar.text());
        String shown = ClientProperties.shown(prefix, scalar.text());
        context.listing().value(depth + 1, prefix, shown, scalar.origin());
      }
      case Node.Nothing _ -> {}
      case Node.Sequence list -> expected(key + "." + prefix, list, "a single value");
    }
  }

  /** The section at this key; empty if it is not given. */
  Section section(String key) {
    asked.add(key);
    context.listing().open(depth, key);
    return new Section(context, pathOf(key), depth + 1, mappingAt(key));
  }

  /** A list of mappings. */
  List<Supplier<Section>> sections(String key) {
    asked.add(key);
    Node node = mapping.entries().get(key);
    List<Node> items =
        switch (node) {
          case null -> List.of();
          case Node.Nothing _ -> List.of();
          case Node.Sequence sequence -> sequence.items();
          default -> {
            expected(key, node, "a list");
            yield List.of();
          }
        };
    List<Supplier<Section>> sections = new ArrayList<>();
    for (int i = 0; i < items.size() || context.variables().anyBelow(pathOf(key, i)); i++) {
      int index = i;
      Node item = i < items.size() ? items.get(i) : Node.Mapping.EMPTY;
      sections.add(() -> item(key, index, item));
    }
    return sections;
  }

  /** The first item of a list that is not given. */
  Section onlyItem(String key) {
    return item(key, 0, Node.Mapping.EMPTY);
  }

  private Section item(String key, int index, Node item) {
    if (index == 0) {
      context.listing().open(depth, key);
    }
    context.listing().item();
    Node.Mapping mapping =
        switch (item) {
          case Node.Mapping m -> m;
          case Node.Nothing _ -> Node.Mapping.EMPTY;
          default -> {
            expected(key + "[" + index + "]", item, "a mapping");
            yield Node.Mapping.EMPTY;
          }
        };
    return new Section(context, pathOf(key, index), depth + 2, mapping);
  }

  /** Adds a problem of the key, or of the section itself if the key is empty. */
  void problem(String key, String message) {
    Node node = mapping.entries().get(key);
    Origin origin = node == null ? mapping.origin() : node.origin();
    context.problems().add(origin, key.isEmpty() ? path : pathOf(key), message);
  }

  /**
   * Creates the value that this section describes. If the constructor rejects it, that is reported
   * unless the section already has a problem, which is then the cause.
   */
  <T> T make(Supplier<T> maker, Supplier<T> fallback) {
    close();
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      if (context.problems().size() == problemsBefore) {
        problem("", String.valueOf(e.getMessage()));
      }
      return fallback.get();
    }
  }

  /**
   * Creates a source with {@link #make} and checks it. Nothing is started.
   *
   * @return null if there are problems
   */
  <V, S extends Source<V>> @Nullable S source(Supplier<? extends @Nullable S> maker) {
    Supplier<@Nullable S> checked =
        () -> {
          S made = isFine() ? maker.get() : null;
          if (made != null) {
            made.check();
          }
          return made;
        };
    return make(checked, () -> null);
  }

  /** Reports the keys that were never asked for. */
  void close() {
    for (Map.Entry<String, Node> entry : mapping.entries().entrySet()) {
      String key = entry.getKey();
      Origin origin = entry.getValue().origin();
      if (later.contains(key)) {
        context.problems().notYet(pathOf(key) + " (" + origin + ")");
      } else if (!asked.contains(key)) {
        String hint = Nearest.hintOrAll(key, asked);
        context.problems().add(origin, "there is no key " + pathOf(key) + hint);
      }
    }
  }

  private @Nullable Node find(String key) {
    asked.add(key);
    Node node = mapping.entries().get(key);
    String variable = NativeVariables.nameOf(pathOf(key));
    String value = context.variables().take(variable);
    if (value != null && !(node != null && node.origin() instanceof Origin.Flag)) {
      node = new Node.Scalar(value, new Origin.Variable(variable));
    }
    if (node == null || node instanceof Node.Nothing) {
      return null;
    }
    origins.put(key, node.origin());
    return node;
  }

  private Node.@Nullable Scalar scalar(String key) {
    Node node = find(key);
    if (node == null || node instanceof Node.Scalar) {
      return (Node.Scalar) node;
    }
    expected(key, node, "a single value");
    return null;
  }

  private <T> @Nullable T parse(String key, Node.Scalar given, Function<String, T> parser) {
    try {
      return parser.apply(given.text());
    } catch (IllegalArgumentException e) {
      context.problems().add(given.origin(), pathOf(key), String.valueOf(e.getMessage()));
      return null;
    }
  }

  private List<Node.Scalar> items(String key, Node node) {
    List<Node.Scalar> items = new ArrayList<>();
    switch (node) {
      case Node.Scalar scalar -> {
        for (String part : Parse.commas(scalar.text())) {
          items.add(new Node.Scalar(part, scalar.origin()));
        }
      }
      case Node.Sequence sequence -> {
        for (Node item : sequence.items()) {
          if (item instanceof Node.Scalar scalar) {
            items.add(scalar);
          } else {
            expected(key, item, "a single value");
          }
        }
      }
      default -> expected(key, node, "a list");
    }
    return items;
  }

  private Map<String, Node> entries(String key, Node node) {
    Map<String, Node> entries = new LinkedHashMap<>();
    switch (node) {
      case Node.Mapping given -> entries.putAll(given.entries());
      case Node.Scalar scalar -> {
        for (String part : Parse.commas(scalar.text())) {
          int equals = part.indexOf('=');
          if (equals < 1) {
            context.problems().add(scalar.origin(), pathOf(key), "'" + part + "' is not key=value");
          } else {
            entries.put(
                part.substring(0, equals).strip(),
                new Node.Scalar(part.substring(equals + 1).strip(), scalar.origin()));
          }
        }
      }
      default -> expected(key, node, "a mapping");
    }
    return entries;
  }

  private Node.Mapping mappingAt(String key) {
    Node node = mapping.entries().get(key);
    if (node instanceof Node.Mapping m) {
      return m;
    }
    if (node != null && !(node instanceof Node.Nothing)) {
      expected(key, node, "a mapping");
    }
    return new Node.Mapping(new LinkedHashMap<>(), mapping.origin());
  }

  private void expected(String key, Node seen, String kind) {
    context.problems().add(seen.origin(), pathOf(key), "expected " + kind + ", not " + seen.kind());
  }

  private String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private String pathOf(String key, int index) {
    return pathOf(key) + "[" + index + "]";
  }
}
