package io.gatehouse.app;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.Flag;
import io.gatehouse.app.config.Support;
import java.io.PrintStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Renders help and completion with picocli, from the same tables that arguments are parsed with.
 */
final class Usage {

  private static final int WIDTH = 110;
  private static final String NAME = "gatehouse";

  private Usage() {}

  /**
   * @param command null for the program as a whole
   */
  static void print(PrintStream out, @Nullable Command command) {
    CommandLine all = commandLine();
    CommandLine one =
        command == null ? all : all.getSubcommands().getOrDefault(command.label(), all);
    one.setUsageHelpWidth(WIDTH).usage(out, CommandLine.Help.Ansi.OFF);
  }

  /** A completion script for bash and zsh. */
  static String completion() {
    return AutoComplete.bash(NAME, commandLine());
  }

  private static CommandLine commandLine() {
    CommandSpec top = CommandSpec.create().name(NAME);
    top.usageMessage()
        .description("A gateway for Apache Kafka.")
        .footer(
            "",
            "Exit codes: 0 ended by a signal; 1 invalid configuration or port in use;",
            "2 unknown command or flag; 3 out of memory; 128 + signal after a second signal during"
                + " the drain.");
    for (Command command : Command.values()) {
      top.addSubcommand(command.label(), spec(command));
    }
    return new CommandLine(top);
  }

  private static CommandSpec spec(Command command) {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage().description(command.summary()).sortOptions(false).abbreviateSynopsis(true);
    if (!command.operands().isEmpty()) {
      spec.addPositional(
          PositionalParamSpec.builder()
              .paramLabel(command.operands())
              .hideParamSyntax(true)
              .arity("0..*")
              .build());
    }
    for (Flag flag : command.flags()) {
      boolean bool = flag.kind() == Flag.Kind.BOOL;
      spec.addOption(
          OptionSpec.builder(names(flag))
              .arity(bool ? "0" : "1")
              .type(bool ? boolean.class : String.class)
              .paramLabel(flag.kind().label())
              // picocli interprets %.
              .description(describe(flag).replace("%", "%%"))
              .hidden(flag.support() == Support.RETIRED)
              .build());
    }
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("shows this text").build());
    return spec;
  }

  private static String[] names(Flag flag) {
    return Stream.concat(
            Arguments.SHORT.entrySet().stream()
                .filter(letter -> letter.getValue().equals(flag.name()))
                .map(letter -> "-" + letter.getKey()),
            Stream.of(flag.dashed()))
        .toArray(String[]::new);
  }

  private static String describe(Flag flag) {
    String fallback =
        flag.fallback().isEmpty() || flag.fallback().equals("false")
            ? ""
            : " (default " + flag.fallback() + ")";
    return switch (flag.support()) {
      case YES, RETIRED -> flag.help() + fallback;
      case NO_EFFECT -> "accepted without effect: " + flag.help();
      case NOT_YET -> "not yet supported: " + flag.help();
    };
  }
}
