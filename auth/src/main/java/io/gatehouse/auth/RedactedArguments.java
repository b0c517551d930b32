package io.gatehouse.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program's arguments as they are shown: the names of flags, and never a value, whichever way it
 * is given ({@code --name=value}, {@code --name value} in one text or in two, {@code -nvalue},
 * {@code name=value}). Where a text may be a value as well as a flag it is not shown.
 */
public final class RedactedArguments {

  private static final String HIDDEN = "***";

  /** A flag's name; of one dash only a letter, for what follows may be its value. */
  private static final Pattern NAME = Pattern.compile("--[A-Za-z][A-Za-z0-9._-]*|-[A-Za-z]");

  private RedactedArguments() {}

  /** All of them. */
  public static List<String> of(List<String> arguments) {
    List<String> redacted = new ArrayList<>();
    boolean mayBeValue = false; // of the flag before
    for (String argument : arguments) {
      redacted.add(mayBeValue ? HIDDEN : one(argument));
      // A flag without a value of its own may have it in the next text. So may a text that was
      // taken
      // for a value and is a flag.
      mayBeValue = argument.indexOf('=') < 0 && (argument.startsWith("-") || !mayBeValue);
    }
    return redacted;
  }

  /** One that is no value of the one before it. */
  public static String one(String argument) {
    Matcher name = NAME.matcher(argument);
    if (!name.lookingAt()) {
      return HIDDEN;
    }
    String rest = argument.substring(name.end());
    return name.group() + (rest.isEmpty() ? "" : (rest.startsWith("=") ? "=" : "") + HIDDEN);
  }
}
