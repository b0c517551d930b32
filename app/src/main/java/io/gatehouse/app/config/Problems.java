package io.gatehouse.app.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Everything that is wrong with a configuration, so that it can be told at once, and everything the
 * user should know although it is not wrong.
 */
public final class Problems {

  private final Set<String> wrong = new LinkedHashSet<>();
  private final Set<String> notYet = new LinkedHashSet<>();
  private final Set<String> notices = new LinkedHashSet<>();

  /**
   * @param message what was seen and what is valid, without the place
   */
  public void add(Origin where, String message) {
    wrong.add(where instanceof Origin.BuiltIn ? message : where + ": " + message);
  }

  /**
   * @param path the setting's key in the native form; told only where the place does not say it
   */
  public void add(Origin where, String path, String message) {
    if (where instanceof Origin.Variable || where instanceof Origin.Flag || path.isEmpty()) {
      add(where, message);
    } else {
      add(where, path + ": " + message);
    }
  }

  /**
   * Something known that this version cannot do. It is refused, since a client could rely on it.
   *
   * @param what name of the flag, variable or key, and never its value
   */
  public void notYet(String what) {
    notYet.add(what);
  }

  /** Something that holds but deserves a warning in the log. */
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

  /** One line for each problem; what is not supported yet shares the last line. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>(wrong);
    if (!notYet.isEmpty()) {
      lines.add("not yet supported: " + String.join(", ", notYet));
    }
    return lines;
  }

  /** All problems as a text for people. */
  public String report() {
    List<String> lines = lines();
    if (lines.size() == 1) {
      return "the configuration has a problem\n  " + lines.getFirst();
    }
    return "the configuration has " + lines.size() + " problems\n  " + String.join("\n  ", lines);
  }
}
