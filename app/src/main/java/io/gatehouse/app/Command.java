package io.gatehouse.app;

import io.gatehouse.app.cli.Flag;
import io.gatehouse.app.kafkaproxy.KafkaProxyFlags;
import io.gatehouse.app.remote.AclCommand;
import io.gatehouse.app.remote.ClusterCommands;
import io.gatehouse.app.remote.EditCommand;
import io.gatehouse.app.remote.ResourceCommands;
import io.gatehouse.app.remote.StateCommand;
import io.gatehouse.app.remote.TapCommand;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The commands of the program. */
enum Command {
  RUN("runs the gateway from a YAML file and variables"),
  SERVER("runs the gateway with kafka-proxy's flags"),
  CONFIG(
      "shows or checks a configuration; 'config --show server ...' shows that of kafka-proxy's"
          + " flags"),
  DNS(
      "prints the host names that DNS and certificates need; 'dns server ...' those of"
          + " kafka-proxy's flags"),
  TAP("prints requests and responses of a running gateway as JSON"),
  APPLY("creates and changes resources of a running gateway, as one change"),
  DIFF("shows what apply would change; exit code 1 if anything"),
  GET("shows resources of a running gateway", "KIND [NAME]"),
  DELETE("deletes resources of a running gateway, as one change", "[KIND NAME]"),
  EDIT("opens a resource of a running gateway in an editor", "KIND NAME"),
  EXPLAIN("explains a kind of resources and its fields; needs no gateway", "KIND[.FIELD...]"),
  ACL(
      "shows the ACLs in force, or explains what a client may do; exit code 1 if it may not",
      "list|explain"),
  CLUSTERS("shows which cluster the clients of each cluster are directed to"),
  SWITCH("directs the clients of a cluster to its failover cluster, or back", "CLUSTER"),
  STATE("writes all that a gateway stores to a file, or back", "export|import|check"),
  DEMO("starts Kafka brokers and a gateway, and sends records through them"),
  VERSION("prints the version"),
  COMPLETION("prints a script for bash and zsh: source <(gatehouse completion)");

  private static final String CONFIG_FILE =
      """
      yes | config | string |       | path of the YAML file; default: the variable GATEHOUSE_CONFIG
      """;

  static final String TAKEOVER = "takeover";

  private static final String TAKING_OVER =
      """
      yes | takeover | bool | false | replaces the running gateway without refusing connections; needs takeover.socket
      """;
  private static final String ACTIONS =
      """
      yes | show   | bool   | false | prints the effective configuration as YAML, with the origin of each value
      yes | check  | bool   | false | checks the configuration and the files it names
      """;

  private static final String BROKERS =
      """
      yes | brokers | string |      | node ids such as 0-2; without them, wildcards are printed
      """;

  private final String summary;
  private final String operands;

  Command(String summary) {
    this(summary, "");
  }

  Command(String summary, String operands) {
    this.summary = summary;
    this.operands = operands;
  }

  /** What may stand beside the flags; empty for nothing. */
  String operands() {
    return operands;
  }

  /** The name of the command. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  String summary() {
    return summary;
  }

  List<Flag> flags() {
    return switch (this) {
      case RUN -> Flag.table(CONFIG_FILE + TAKING_OVER);
      case SERVER ->
          Stream.concat(KafkaProxyFlags.all().stream(), Flag.table(TAKING_OVER).stream()).toList();
      case CONFIG -> Flag.table(ACTIONS + CONFIG_FILE);
      case DNS -> Flag.table(CONFIG_FILE + BROKERS);
      case TAP -> Flag.table(TapCommand.FLAGS);
      case APPLY -> Flag.table(ResourceCommands.APPLY);
      case DIFF -> Flag.table(ResourceCommands.DIFF);
      case GET -> Flag.table(ResourceCommands.GET);
      case DELETE -> Flag.table(ResourceCommands.DELETE);
      case EDIT -> Flag.table(EditCommand.FLAGS);
      case ACL -> Flag.table(AclCommand.FLAGS);
      case CLUSTERS -> Flag.table(ClusterCommands.CLUSTERS);
      case SWITCH -> Flag.table(ClusterCommands.SWITCH);
      case STATE -> Flag.table(StateCommand.FLAGS);
      case EXPLAIN, DEMO, VERSION, COMPLETION -> List.of();
    };
  }

  static @Nullable Command named(String label) {
    for (Command command : values()) {
      if (command.label().equals(label)) {
        return command;
      }
    }
    return null;
  }

  static List<String> names() {
    return Arrays.stream(values()).map(Command::label).toList();
  }
}
