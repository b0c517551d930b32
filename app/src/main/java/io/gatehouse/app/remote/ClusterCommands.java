package io.gatehouse.app.remote;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.control.doc.Value;
import java.util.List;
import java.util.Map;

/** Shows where clients are directed to, and directs them to another cluster (docs/failover.md). */
public final class ClusterCommands {

  public static final String CLUSTERS = Connection.FLAGS;
  public static final String SWITCH =
      """
      yes | to      | string |       | the cluster to direct clients to: the cluster itself or its failover cluster
      yes | dry-run | bool   | false | only shows what clients would miss there; exit code 1 if anything
      """
          + Connection.FLAGS;

  private static final String NONE =
      "No cluster has a failover cluster (upstream.failover.to), so there is nothing to switch.";

  private ClusterCommands() {}

  public static int clusters(ProgramContext program, Arguments arguments) {
    return ResourceCommands.run(
        program,
        arguments,
        commands -> {
          try (AdminApi api = commands.connect()) {
            if (api.get("cluster", Map.of()) instanceof Value.Items clusters) {
              if (clusters.items().isEmpty()) {
                program.out().println(NONE);
              }
              for (Value one : clusters.items()) {
                program
                    .out()
                    .println(
                        AdminApi.shown(
                            "%s: clients are directed to %s (failover cluster %s)"
                                .formatted(
                                    Output.text(one, "name"),
                                    Output.text(one, "active"),
                                    Output.text(one, "failover"))));
              }
            }
            return 0;
          }
        });
  }

  public static int switchTo(ProgramContext program, Arguments arguments) {
    return ResourceCommands.run(
        program,
        arguments,
        commands -> {
          String to = arguments.last("to");
          List<String> names = arguments.rest();
          if (names.size() != 1 || to == null) {
            throw new Failure("switch takes a cluster, and with --to the cluster to lead to");
          }
          boolean dry = arguments.isSet("dry-run");
          Map<String, String> query = dry ? Map.of("to", to, "dryMode", "true") : Map.of("to", to);
          try (AdminApi api = commands.connect()) {
            Value answer =
                api.require(api.post("cluster/" + path(names.getFirst()) + "/switch", query, ""));
            program.out().println(AdminApi.shown(Output.text(answer, "message")));
            int missing = 0;
            if (Output.at(answer, "missing") instanceof Value.Items all) {
              for (Value one : all.items()) {
                program.out().println(AdminApi.shown(Output.cell(one)));
                missing++;
              }
            }
            return missing > 0 ? ResourceCommands.DIFFERS : 0;
          }
        });
  }

  private static String path(String name) throws Failure {
    if (!name.matches("[a-zA-Z0-9._-]+")) {
      throw new Failure("'" + name + "' is not the name of a cluster");
    }
    return name;
  }
}
