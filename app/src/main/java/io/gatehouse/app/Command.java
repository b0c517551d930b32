package io.gatehouse.app;

import io.gatehouse.app.cli.Flag;
import io.gatehouse.app.kafkaproxy.KafkaProxyFlags;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the program can be asked to do. */
enum Command {
  RUN("runs the gateway from a YAML file and variables"),
  SERVER("runs the gateway with kafka-proxy's flags"),
  CONFIG("shows or checks a configuration; followed by 'server ...' that of kafka-proxy's flags"),
  DNS(
      "prints the names that DNS and certificates need; followed by 'server ...' those of its"
          + " flags"),
  TAP("prints requests and responses of a running gateway while they pass, as lines of JSON"),
  DEMO("starts a Kafka broker and a gateway, and sends records through them"),
  VERSION("prints the version"),
  COMPLETION("prints a script for bash and zsh: source <(gatehouse completion)");

  private static final String CONFIG_FILE =
      """
      yes | config | string |       | YAML file; the variable GATEHOUSE_CONFIG names it too
      """;

  static final String TAKEOVER = "takeover";

  private static final String TAKING_OVER =
      """
      yes | takeover | bool | false | takes the place of the gateway that runs, which refuses no connection meanwhile; needs takeover.socket
      """;
  private static final String ACTIONS =
      """
      yes | show   | bool   | false | prints the effective configuration as YAML, with the origin of each value
      yes | check  | bool   | false | says whether the configuration is valid and the files it names can be used
      """;

  private static final String BROKERS =
      """
      yes | brokers | string |      | node ids such as 0-2; not given: wildcards stand for them
      """;

  private static final String TAPPING =
      """
      yes | listener | string   |        | of clients that came in at this listener
      yes | client   | string   |        | of clients with this IP address, address:port or client id
      yes | api      | strings  |        | of these apis, by name or key, such as Metadata,1
      yes | bodies   | bool     | false  | shows bodies up to 64 KiB too, without secrets and without records' keys and values
      yes | rate     | string   | 1000/s | frames a second; what is over it is counted
      yes | count    | int      |        | ends after so many frames
      yes | for      | duration |        | ends after this time, such as 30s
      yes | admin    | string   | http://127.0.0.1:8888 | where the gateway's HTTP server is
      """;

  private final String summary;

  Command(String summary) {
    this.summary = summary;
  }

  /** The name to type. */
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
      case TAP -> Flag.table(TAPPING);
      case DEMO, VERSION, COMPLETION -> List.of();
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
