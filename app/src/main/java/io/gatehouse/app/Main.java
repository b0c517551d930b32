package io.gatehouse.app;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.app.config.AppSettings.Log;
import io.gatehouse.app.config.SettingsBinder;
import io.gatehouse.app.demo.Demo;
import io.gatehouse.app.log.LogbackProvider;
import io.gatehouse.app.log.Logging;
import io.gatehouse.app.remote.AclCommand;
import io.gatehouse.app.remote.ClusterCommands;
import io.gatehouse.app.remote.EditCommand;
import io.gatehouse.app.remote.ExplainCommand;
import io.gatehouse.app.remote.ResourceCommands;
import io.gatehouse.app.remote.StateCommand;
import io.gatehouse.app.remote.TapCommand;
import io.gatehouse.auth.Nearest;
import io.gatehouse.gateway.net.Resolver;
import io.gatehouse.http.LoggerLevels.Level;
import io.gatehouse.http.Versions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The entry point of the program. */
public final class Main {

  private static final Pattern STARTED = Pattern.compile("\\d{1,12}[.,]\\d{6}");

  private static final Set<String> QUIET =
      Set.of(
          "config",
          "dns",
          "tap",
          "apply",
          "diff",
          "get",
          "delete",
          "edit",
          "explain",
          "state",
          "acl",
          "clusters",
          "switch");

  private final ProgramContext program;

  private Main(ProgramContext program) {
    this.program = program;
  }

  public static void main(String[] arguments) {
    Resolver.limitDnsCaching();
    LogbackProvider.use();
    if (arguments.length > 0 && QUIET.contains(arguments[0])) {
      // The output of these commands may be parsed, so nothing is logged.
      Logging.configure(new Log(Log.Format.TEXT, Level.OFF, Map.of(), Log.Fields.DEFAULT));
    }
    ProgramContext program = new ProgramContext(System.out, System.err, System.getenv());
    int code = ExitCode.FAILED;
    try {
      code = execute(program, arguments);
    } catch (RuntimeException | Error e) {
      // Other threads would keep the process running.
      e.printStackTrace(program.err());
    }
    Logging.release();
    System.exit(code);
  }

  /**
   * @return the exit code
   */
  static int execute(ProgramContext program, String... arguments) {
    return new Main(program).execute(Arrays.asList(arguments));
  }

  private int execute(List<String> arguments) {
    if (arguments.isEmpty()) {
      // Like kafka-proxy: print the help and fail.
      Usage.print(program.out(), null);
      return ExitCode.FAILED;
    }
    String name = arguments.getFirst();
    if (name.equals("help") || name.equals("--help") || name.equals("-h")) {
      return help(arguments.subList(1, arguments.size()));
    }
    if (name.equals("--version")) {
      return version();
    }
    Command command = Command.named(name);
    if (command == null) {
      return usage(null, "unknown command '" + name + "'" + Nearest.hint(name, Command.names()));
    }
    return execute(command, arguments.subList(1, arguments.size()));
  }

  private int execute(Command command, List<String> rest) {
    // These commands may be followed by "server" and kafka-proxy's flags.
    boolean nests = command == Command.CONFIG || command == Command.DNS;
    int inner = nests ? rest.indexOf(Command.SERVER.label()) : -1;
    List<String> own = inner < 0 ? rest : rest.subList(0, inner);
    Arguments arguments = Arguments.parse(own, command.flags());
    if (arguments.has(Arguments.HELP)) {
      Usage.print(program.out(), command);
      return ExitCode.OK;
    }
    if (!isUsable(command, arguments)) {
      return ExitCode.USAGE;
    }
    return switch (command) {
      case RUN -> run(arguments, () -> Configuration.ofRun(arguments, program.environment()));
      case SERVER -> run(arguments, () -> Configuration.ofServer(arguments, program.environment()));
      case CONFIG ->
          inner < 0 ? config(arguments) : config(arguments, rest.subList(inner + 1, rest.size()));
      case DNS -> dns(arguments, inner < 0 ? null : rest.subList(inner + 1, rest.size()));
      case TAP -> TapCommand.run(program, arguments);
      case APPLY -> ResourceCommands.apply(program, arguments);
      case DIFF -> ResourceCommands.diff(program, arguments);
      case GET -> ResourceCommands.get(program, arguments);
      case DELETE -> ResourceCommands.delete(program, arguments);
      case EDIT -> EditCommand.run(program, arguments);
      case EXPLAIN -> ExplainCommand.run(program, arguments);
      case ACL -> AclCommand.run(program, arguments);
      case CLUSTERS -> ClusterCommands.clusters(program, arguments);
      case SWITCH -> ClusterCommands.switchTo(program, arguments);
      case STATE -> StateCommand.run(program, arguments);
      case DEMO -> demo();
      case VERSION -> version();
      case COMPLETION -> {
        program.out().println(Usage.completion());
        yield ExitCode.OK;
      }
    };
  }

  /** Prints the problems of the arguments and returns whether there are none. */
  private boolean isUsable(Command command, Arguments arguments) {
    List<String> problems = new ArrayList<>(arguments.problems());
    if (!arguments.rest().isEmpty() && command.operands().isEmpty()) {
      problems.add("unexpected '" + String.join(" ", arguments.rest()) + "'");
    }
    if (command == Command.CONFIG && !arguments.isSet("show") && !arguments.isSet("check")) {
      problems.add("--show or --check is required");
    }
    if (!problems.isEmpty()) {
      usage(command, problems.toArray(String[]::new));
    }
    return problems.isEmpty();
  }

  private int run(Arguments arguments, Supplier<SettingsBinder.Result> source) {
    return run(
        new GatewayProcess.Start(
            arguments.isSet(Command.TAKEOVER), processBegin(), source, _ -> {}));
  }

  private int run(GatewayProcess.Start start) {
    SettingsBinder.Result configuration = start.source().get();
    if (configuration.settings() == null) {
      return refuse(configuration);
    }
    return new GatewayProcess(program, configuration.settings(), start).run(configuration);
  }

  /**
   * The time at which the launcher started Java, else the start time of the process. They differ in
   * a source tree, where the launcher's process builds first.
   */
  private static Instant processBegin() {
    String started = System.getProperty("gatehouse.started", "");
    if (STARTED.matcher(started).matches()) {
      // Seconds since 1970 with six decimals, after a point or, in some locales, a comma.
      return Instant.EPOCH.plus(Long.parseLong(started.replaceAll("[.,]", "")), ChronoUnit.MICROS);
    }
    return ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
  }

  private int demo() {
    try (Demo demo = Demo.start(program.out())) {
      Map<String, String> environment = demo.environment(program.environment());
      Arguments none = Arguments.parse(List.of(), Command.RUN.flags());
      return run(
          new GatewayProcess.Start(
              false,
              Instant.now(),
              () -> Configuration.ofRun(none, environment),
              gateway -> demo.talk(gateway.bootstrapForClients().getFirst())));
    } catch (IllegalStateException e) {
      program.err().println("Error: " + e.getMessage());
      return ExitCode.FAILED;
    } catch (NoClassDefFoundError e) {
      program.err().println("Error: the demo runs only in a source tree: ./gatehouse demo");
      return ExitCode.FAILED;
    }
  }

  private int config(Arguments arguments) {
    return config(arguments, Configuration.ofRun(arguments, program.environment()));
  }

  private int config(Arguments arguments, List<String> ofServer) {
    Arguments server = Arguments.parse(ofServer, Command.SERVER.flags());
    return isUsable(Command.SERVER, server)
        ? config(arguments, Configuration.ofServer(server, program.environment()))
        : ExitCode.USAGE;
  }

  private int config(Arguments arguments, SettingsBinder.Result result) {
    if (arguments.isSet("show")) {
      program.out().print(result.yaml());
    }
    if (arguments.isSet("check")) {
      result.checkFiles();
    }
    result.problems().notices().forEach(notice -> program.err().println("Warning: " + notice));
    if (!result.problems().isEmpty()) {
      return refuse(result);
    }
    if (!arguments.isSet("show")) {
      program.out().println("the configuration is valid");
    }
    return ExitCode.OK;
  }

  private int dns(Arguments arguments, @Nullable List<String> ofServer) {
    SettingsBinder.Result result;
    if (ofServer == null) {
      result = Configuration.ofRun(arguments, program.environment());
    } else {
      Arguments server = Arguments.parse(ofServer, Command.SERVER.flags());
      if (!isUsable(Command.SERVER, server)) {
        return ExitCode.USAGE;
      }
      result = Configuration.ofServer(server, program.environment());
    }
    if (result.settings() == null) {
      return refuse(result);
    }
    try {
      new DnsNames(arguments.last("brokers")).print(result.settings().gateway(), program.out());
      return ExitCode.OK;
    } catch (IllegalArgumentException e) {
      return usage(Command.DNS, String.valueOf(e.getMessage()));
    }
  }

  private int help(List<String> of) {
    Command command = of.isEmpty() ? null : Command.named(of.getFirst());
    if (command == null && !of.isEmpty()) {
      return usage(null, "unknown command '" + of.getFirst() + "'");
    }
    Usage.print(program.out(), command);
    return ExitCode.OK;
  }

  private int version() {
    Versions versions = Versions.ofThisBuild();
    String commit = versions.commit() == null ? "" : "commit " + versions.commit() + ", ";
    program
        .out()
        .printf(
            "gatehouse %s (%sKafka %s, Netty %s, Java %s)%n",
            versions.gateway(), commit, versions.kafka(), versions.netty(), versions.java());
    return ExitCode.OK;
  }

  private int refuse(SettingsBinder.Result configuration) {
    program.err().println("Error: " + configuration.problems().report());
    return ExitCode.FAILED;
  }

  private int usage(@Nullable Command command, String... problems) {
    for (String problem : problems) {
      program.err().println("Error: " + problem);
    }
    String help = command == null ? "gatehouse help" : "gatehouse " + command.label() + " --help";
    program.err().println("See '" + help + "'.");
    return ExitCode.USAGE;
  }
}
