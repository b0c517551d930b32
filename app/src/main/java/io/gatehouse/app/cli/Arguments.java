package io.gatehouse.app.cli;

import io.gatehouse.app.config.Origin;
import io.gatehouse.auth.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parsed arguments, with the syntax of Go's pflag: {@code --name value}, {@code --name=value},
 * {@code --bool}, {@code --bool=false}; {@code --} ends the flags.
 *
 * @param values the values of each flag, in the order they were given
 * @param rest the arguments that are not flags
 * @param problems usage errors
 */
public record Arguments(
    Map<String, List<String>> values, List<String> rest, List<String> problems) {

  public static final String HELP = "help";

  /** Flags of one letter, for commands that have the long ones. */
  public static final Map<String, String> SHORT = Map.of("f", "file", "o", "output");

  public Arguments {
    values = Map.copyOf(values);
    rest = List.copyOf(rest);
    problems = List.copyOf(problems);
  }

  public static Arguments parse(List<String> arguments, List<Flag> flags) {
    return new Splitter(arguments, flags).split();
  }

  public boolean has(String flag) {
    return values.containsKey(flag);
  }

  public List<String> all(String flag) {
    return values.getOrDefault(flag, List.of());
  }

  /** The last value of a flag, or null if it is not given. */
  public @Nullable String last(String flag) {
    List<String> all = all(flag);
    return all.isEmpty() ? null : all.getLast();
  }

  /** Whether the flag is given without a value or with the value true. */
  public boolean isSet(String flag) {
    return "true".equals(last(flag));
  }

  public static Origin origin(String flag) {
    return new Origin.Flag("--" + flag);
  }

  private static final class Splitter {
    private final List<String> arguments;
    private final Map<String, Flag> flags = new LinkedHashMap<>();
    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private final List<String> rest = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private int next;

    Splitter(List<String> arguments, List<Flag> flags) {
      this.arguments = arguments;
      for (Flag flag : flags) {
        this.flags.put(flag.name(), flag);
      }
    }

    Arguments split() {
      while (next < arguments.size()) {
        String argument = arguments.get(next++);
        if (argument.equals("--")) {
          rest.addAll(arguments.subList(next, arguments.size()));
          break;
        } else if (argument.equals("-h")) {
          add(HELP, "true");
        } else if (argument.startsWith("--")) {
          flag(argument.substring(2));
        } else if (argument.startsWith("-")
            && flags.containsKey(SHORT.getOrDefault(name(argument.substring(1)), ""))) {
          String letter = name(argument.substring(1));
          flag(SHORT.get(letter) + argument.substring(1 + letter.length()));
        } else if (argument.startsWith("-") && flags.containsKey(name(argument.substring(1)))) {
          // kafka-proxy's documentation sometimes uses a single dash.
          flag(argument.substring(1));
        } else if (argument.startsWith("-") && argument.length() > 1) {
          problems.add("unknown flag " + argument + ": flags start with two dashes");
        } else {
          rest.add(argument);
        }
      }
      return new Arguments(values, rest, problems);
    }

    private void flag(String text) {
      int equals = text.indexOf('=');
      String name = name(text);
      String value = equals < 0 ? null : text.substring(equals + 1);
      if (name.equals(HELP)) {
        add(HELP, "true");
        return;
      }
      Flag flag = flags.get(name);
      if (flag == null) {
        String hint =
            Nearest.hint(name, flags.keySet()).replace("did you mean ", "did you mean --");
        problems.add("unknown flag --" + name + hint);
      } else if (flag.kind() == Flag.Kind.BOOL) {
        bool(name, value == null ? "true" : value);
      } else if (value != null) {
        add(name, value);
      } else if (next < arguments.size()) {
        add(name, arguments.get(next++));
      } else {
        problems.add("the flag --" + name + " needs a value (" + flag.kind().label() + ")");
      }
    }

    private static String name(String text) {
      int equals = text.indexOf('=');
      return equals < 0 ? text : text.substring(0, equals);
    }

    /** Parses a boolean in Go's spellings. */
    private void bool(String name, String value) {
      switch (value) {
        case "1", "t", "T", "true", "TRUE", "True" -> add(name, "true");
        case "0", "f", "F", "false", "FALSE", "False" -> add(name, "false");
        default -> problems.add("--" + name + ": '" + value + "' is not true or false");
      }
    }

    private void add(String name, String value) {
      values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }
  }
}
