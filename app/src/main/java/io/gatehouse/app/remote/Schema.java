package io.gatehouse.app.remote;

import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.Document.Form;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.http.DocsRoutes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the OpenAPI document of the admin API says about a field, or about a kind as a whole.
 *
 * @param document the whole document
 * @param required whether the object around it needs it
 * @param alternatives one schema, or several of which one must fit
 */
record Schema(Value document, boolean required, List<Value.Fields> alternatives) {

  private static final Map<String, String> LIMITS =
      new TreeMap<>(
          Map.of(
              "minimum", "at least %s",
              "maximum", "at most %s",
              "minItems", "at least %s of them",
              "default", "default %s"));

  /** The kind with all its fields. */
  static Schema of(Kind kind) {
    Value document = whole();
    return new Schema(
        document,
        true,
        alternatives(document, at(document, "components", "schemas", kind.label())));
  }

  /** A complete resource of the kind. */
  static Value example(Kind kind) {
    Value example =
        at(
            whole(),
            "paths",
            "/gateway/v2/" + kind.segment(),
            "put",
            "requestBody",
            "content",
            "application/json",
            "example");
    if (example == null) {
      throw new IllegalStateException("the OpenAPI document lacks an example of " + kind);
    }
    return example;
  }

  private static Value whole() {
    try {
      return Document.read(DocsRoutes.document(), Form.YAML);
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static @Nullable Value at(@Nullable Value value, String... path) {
    return Output.at(value, path);
  }

  /** Follows references and expands alternatives. What stands beside a reference counts, too. */
  private static List<Value.Fields> alternatives(Value document, @Nullable Value schema) {
    if (!(schema instanceof Value.Fields fields)) {
      return List.of();
    }
    if (fields.fields().get("oneOf") instanceof Value.Items several) {
      return several.items().stream().flatMap(one -> alternatives(document, one).stream()).toList();
    }
    if (!(fields.fields().get("$ref") instanceof Value.Text reference)) {
      return List.of(fields);
    }
    String name = reference.text().replaceFirst("^#/components/schemas/", "");
    return alternatives(document, at(document, "components", "schemas", name)).stream()
        .map(target -> {
          LinkedHashMap<String, Value> both = new LinkedHashMap<>(target.fields());
          both.putAll(fields.fields());
          both.remove("$ref");
          return new Value.Fields(both, fields.line());
        })
        .toList();
  }

  /** The fields of the object, or of each object of the list. */
  Map<String, Schema> fields() {
    List<Value.Fields> objects =
        alternatives.stream()
            .flatMap(one ->
                at(one, "items") == null
                    ? List.of(one).stream()
                    : alternatives(document, at(one, "items")).stream())
            .toList();
    Map<String, List<Value.Fields>> found = new LinkedHashMap<>();
    Map<String, Integer> needed = new LinkedHashMap<>();
    for (Value.Fields object : objects) {
      if (at(object, "properties") instanceof Value.Fields properties) {
        properties
            .fields()
            .forEach((name, schema) ->
                found
                    .computeIfAbsent(name, _ -> new ArrayList<>())
                    .addAll(alternatives(document, schema)));
      }
      texts(at(object, "required")).forEach(name -> needed.merge(name, 1, Integer::sum));
    }
    Map<String, Schema> fields = new LinkedHashMap<>();
    found.forEach((name, schemas) -> {
      boolean always = needed.getOrDefault(name, 0) == objects.size();
      fields.put(name, new Schema(document, always, schemas));
    });
    return fields;
  }

  /** The type in words, such as "list of strings". */
  String type() {
    return distinct(alternatives.stream().map(this::type).toList(), " or ");
  }

  private String type(Value.Fields schema) {
    List<String> types = texts(at(schema, "type"));
    if (types.equals(List.of("array"))) {
      Schema items = new Schema(document, true, alternatives(document, at(schema, "items")));
      return "list of " + items.type().replaceAll("(\\w+)( or |$)", "$1s$2");
    }
    return types.isEmpty() ? "object" : String.join(" or ", types);
  }

  /** What it means; empty if nothing is said. */
  String description() {
    return distinct(
        alternatives.stream().map(one -> Output.text(one, "description")).toList(), "; ");
  }

  /** Allowed values, the default and other limits, in words. */
  List<String> limits() {
    Set<String> limits = new LinkedHashSet<>();
    List<String> allowed = new ArrayList<>();
    boolean anyCase = false;
    for (Value.Fields schema : alternatives) {
      allowed.addAll(texts(at(schema, "enum")));
      allowed.addAll(texts(at(schema, "const")));
      String pattern = Output.text(schema, "pattern");
      if (pattern.matches("\\^(\\[[A-Z][a-z]])+\\$")) {
        anyCase = true;
        allowed.add(pattern.replaceAll("[a-z^$\\[\\]]", ""));
      } else if (!pattern.isEmpty()) {
        limits.add("must match " + pattern);
      }
      String format = Output.text(schema, "format");
      if (format.startsWith("^")) {
        limits.add("must match " + format);
      }
      LIMITS.forEach((name, words) -> {
        Value value = at(schema, name);
        if (value != null) {
          limits.add(words.formatted(Output.cell(value)));
        }
      });
      if (at(schema, "readOnly") != null) {
        limits.add("set by the gateway");
      }
    }
    List<String> all = new ArrayList<>();
    if (!allowed.isEmpty()) {
      all.add(distinct(allowed, " or ") + (anyCase ? ", in any case" : ""));
    }
    all.addAll(limits);
    return all;
  }

  private static List<String> texts(@Nullable Value value) {
    return switch (value) {
      case null -> List.of();
      case Value.Items list -> list.items().stream().map(Output::cell).toList();
      default -> List.of(Output.cell(value));
    };
  }

  private static String distinct(List<String> texts, String separator) {
    return texts.stream()
        .filter(text -> !text.isEmpty())
        .distinct()
        .collect(Collectors.joining(separator));
  }
}
