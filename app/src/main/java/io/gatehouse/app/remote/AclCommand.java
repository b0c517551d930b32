package io.gatehouse.app.remote;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.control.doc.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows the access rules in force, and explains what a client may do (docs/acls.md). */
public final class AclCommand {

  public static final String FLAGS =
      """
      yes | vcluster  | string |   | the virtual cluster; default: passthrough
      yes | principal | string |   | explain: the client, such as User:alice
      yes | groups    | string |   | explain: its groups, beside those that its account is a member of: a list with commas
      yes | operation | string |   | explain: what the client wants to do, such as READ
      yes | resource  | string |   | explain: with what, such as topic:orders, group:g, cluster
      yes | host      | string |   | explain: the client's IP address; without it, only rules for all hosts count
      """
          + Connection.FLAGS;

  private static final String USAGE =
      "acl takes list, or explain with --principal, --operation and --resource";

  private AclCommand() {}

  public static int run(ProgramContext program, Arguments arguments) {
    return ResourceCommands.run(
        program,
        arguments,
        commands ->
            switch (arguments.rest().size() == 1 ? arguments.rest().getFirst() : "") {
              case "list" -> list(program, arguments, commands);
              case "explain" -> explain(program, arguments, commands);
              default -> throw new Failure(USAGE);
            });
  }

  private static int list(ProgramContext program, Arguments arguments, ResourceCommands commands)
      throws Failure {
    try (AdminApi api = commands.connect()) {
      Value answer = api.get("acl", cluster(arguments));
      if (!isTrue(Output.at(answer, "aclEnabled"))) {
        program.out().println("ACLs are not enabled here: clients may do everything.");
      }
      if (Output.at(answer, "acls") instanceof Value.Items rules) {
        for (Value rule : rules.items()) {
          program.out().println(AdminApi.shown(line(rule)));
        }
      }
      return 0;
    }
  }

  private static String line(Value rule) {
    return "%s %s %s on %s %s %s from %s"
        .formatted(
            Output.text(rule, "permissionType"),
            Output.text(rule, "principal"),
            Output.text(rule, "operation"),
            Output.text(rule, "resourcePattern", "resourceType"),
            Output.text(rule, "resourcePattern", "patternType"),
            Output.text(rule, "resourcePattern", "name"),
            Output.text(rule, "host"));
  }

  private static int explain(ProgramContext program, Arguments arguments, ResourceCommands commands)
      throws Failure {
    Map<String, String> query = cluster(arguments);
    query.put("username", required(arguments, "principal").replaceFirst("^User:", ""));
    query.put("operation", required(arguments, "operation"));
    List<String> resource = List.of(required(arguments, "resource").split(":", 2));
    query.put("resourceType", resource.getFirst().replace('-', '_'));
    if (resource.size() > 1) {
      query.put("name", resource.getLast());
    }
    for (String optional : List.of("host", "groups")) {
      String given = arguments.last(optional);
      if (given != null) {
        query.put(optional, given);
      }
    }
    try (AdminApi api = commands.connect()) {
      Value answer = api.get("acl/explain", query);
      program.out().println(AdminApi.shown(Output.text(answer, "message")));
      return isTrue(Output.at(answer, "allowed")) ? 0 : ResourceCommands.DIFFERS;
    }
  }

  private static boolean isTrue(@Nullable Value value) {
    return value instanceof Value.Flag flag && flag.is();
  }

  private static Map<String, String> cluster(Arguments arguments) {
    Map<String, String> query = new LinkedHashMap<>();
    String cluster = arguments.last("vcluster");
    if (cluster != null) {
      query.put("vcluster", cluster);
    }
    return query;
  }

  private static String required(Arguments arguments, String flag) throws Failure {
    String value = arguments.last(flag);
    if (value == null) {
      throw new Failure(USAGE);
    }
    return value;
  }
}
