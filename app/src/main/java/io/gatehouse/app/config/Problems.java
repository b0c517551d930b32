package io.gatehouse.app.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects all errors of a configuration, so that they are reported together, and notices about
 * settings that are valid but need attention.
 */
public final class Problems {

  private final Set<String> wrong = new LinkedHashSet<>();
  private final Set<String> notYet = new LinkedHashSet<>();
  private final Set<String> notices = new LinkedHashSet<>();

  /**
   * @param message the value and what is valid, without the location
   */
  public void add(Origin where, String message) {
    wrong.add(where instanceof Origin.BuiltIn ? message : where + ": " + message);
  }

  /**
   * @param path the configuration key; omitted from the message if the location is a variable or
   *     flag
   */
  public void add(Origin where, String path, String message) {
    if (where instanceof Origin.Variable || where instanceof Origin.Flag || path.isEmpty()) {
      add(where, message);
    } else {
      add(where, path + ": " + message);
    }
  }

  /**
   * Adds a setting that this version does not support. It is an error, because users may rely on
   * the setting.
   *
   * @param what the name of the flag, variable or key, without its value
   */
  public void notYet(String what) {
    notYet.add(what);
  }

  /** Adds a warning for the log. */
  public void notice(String message) {
    notices.add(message);
  }

  public boolean isEmpty() {
    return wrong.isEmpty() && notYet.isEmpty();
  }

  public int size() {
    return wrong.size() + (notYet.isEmpty() ? 0 : 1);
  }

  public List<String> notices() {
    return List.copyOf(notices);
  }

  /** One line for each problem. All unsupported settings share the last line. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>(wrong);
    if (!notYet.isEmpty()) {
      lines.add("not yet supported: " + String.join(", ", notYet));
    }
    return lines;
  }

  /** All problems as one text for the user. */
  public String report() {
    List<String> lines = lines();
    if (lines.size() == 1) {
      return "the configuration has a problem\n  " + lines.getFirst();
    }
    return "the configuration has " + lines.size() + " problems\n  " + String.join("\n  ", lines);
  }
}
