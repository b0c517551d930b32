package io.gatehouse.app.remote;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.auth.Nearest;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.kind.Kind;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code explain}: what the fields of a kind mean and take, from the OpenAPI document
 * of this version. Needs no gateway.
 */
public final class ExplainCommand {

  private final PrintStream out;

  private ExplainCommand(PrintStream out) {
    this.out = out;
  }

  public static int run(ProgramContext program, Arguments arguments) {
    return ResourceCommands.run(
        program, arguments, _ -> new ExplainCommand(program.out()).explain(arguments.rest()));
  }

  private int explain(List<String> given) throws Failure {
    if (given.size() != 1) {
      throw new Failure(
          "explain takes KIND or KIND.FIELD, such as group.spec.members; kinds are: "
              + ResourceCommands.kinds());
    }
    List<String> path = List.of(given.getFirst().split("\\.", -1));
    Kind kind = ResourceCommands.kind(path.getFirst());
    Schema schema = Schema.of(kind);
    Value example = Schema.example(kind);
    String place = kind.label();
    for (String name : path.subList(1, path.size())) {
      Map<String, Schema> fields = schema.fields();
      Schema next = fields.get(name);
      if (next == null) {
        throw new Failure(unknown(place, name, schema, List.copyOf(fields.keySet())));
      }
      schema = next;
      place += "." + name;
      example = inside(example, name);
    }
    out.println(place + described(schema));
    fields(schema, 1);
    print(path, example);
    return 0;
  }

  private static String unknown(String place, String name, Schema schema, List<String> fields) {
    if (fields.isEmpty()) {
      return "%s is a %s, which has no field '%s'"
          .formatted(place, schema.type(), AdminApi.shown(name));
    }
    String nearest = Nearest.to(name, fields);
    return "%s has no field '%s'%s; its fields are: %s"
        .formatted(
            place,
            AdminApi.shown(name),
            nearest == null ? "" : ", did you mean " + nearest + "?",
            String.join(", ", fields));
  }

  /** The type, the description and the limits, behind a name. */
  private static String described(Schema schema) {
    List<String> after = new ArrayList<>();
    if (!schema.description().isEmpty()) {
      after.add(schema.description());
    }
    after.addAll(schema.limits());
    return " (%s%s)%s"
        .formatted(
            schema.type(),
            schema.required() ? ", required" : "",
            after.isEmpty() ? "" : ": " + String.join("; ", after));
  }

  private void fields(Schema schema, int depth) {
    schema
        .fields()
        .forEach((name, field) -> {
          out.println("  ".repeat(depth) + name + described(field));
          fields(field, depth + 1);
        });
  }

  /** The part of the example; of a list its first item is looked into. */
  private static @Nullable Value inside(@Nullable Value example, String name) {
    Value object =
        example instanceof Value.Items list && !list.items().isEmpty()
            ? list.items().getFirst()
            : example;
    return Output.at(object, name);
  }

  private void print(List<String> path, @Nullable Value example) {
    if (example == null) {
      return;
    }
    Value shown = example;
    if (path.size() > 1) {
      LinkedHashMap<String, Value> field = new LinkedHashMap<>();
      field.put(path.getLast(), example);
      shown = new Value.Fields(field, 0);
    }
    out.println();
    out.println("Example:");
    out.println();
    out.print(Output.yaml(shown).indent(2));
  }
}
