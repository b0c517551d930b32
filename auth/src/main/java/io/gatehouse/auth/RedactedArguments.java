package io.gatehouse.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program's arguments for logs: the names of flags, without any value in whichever form ({@code
 * --name=value}, {@code --name value} in one text or in two, {@code -nvalue}, {@code name=value}).
 * A text that may be a value or a flag is hidden.
 */
public final class RedactedArguments {

  private static final String HIDDEN = "***";

  /** A flag's name. After one dash this is a single letter, because the rest may be its value. */
  private static final Pattern NAME = Pattern.compile("--[A-Za-z][A-Za-z0-9._-]*|-[A-Za-z]");

  private RedactedArguments() {}

  /** Redacts all arguments of a program. */
  public static List<String> of(List<String> arguments) {
    List<String> redacted = new ArrayList<>();
    boolean mayBeValue = false; // of the flag before
    for (String argument : arguments) {
      redacted.add(mayBeValue ? HIDDEN : one(argument));
      // A flag without '=' may have its value in the next text. The same holds for a text that was
      // taken for a value but may be a flag.
      mayBeValue = argument.indexOf('=') < 0 && (argument.startsWith("-") || !mayBeValue);
    }
    return redacted;
  }

  /** Redacts one argument that is not the value of the one before it. */
  public static String one(String argument) {
    Matcher name = NAME.matcher(argument);
    if (!name.lookingAt()) {
      return HIDDEN;
    }
    String rest = argument.substring(name.end());
    return name.group() + (rest.isEmpty() ? "" : (rest.startsWith("=") ? "=" : "") + HIDDEN);
  }
}
