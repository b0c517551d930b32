package io.gatehouse.app.cli;

import io.gatehouse.app.config.Support;
import java.util.List;

/**
 * One flag of a command.
 *
 * @param name without dashes
 * @param fallback the default value, empty for none
 * @param help what the flag does, or why it has no effect
 */
public record Flag(String name, Kind kind, String fallback, Support support, String help) {

  /** The type of a flag's value. The labels are those of kafka-proxy's help. */
  public enum Kind {
    BOOL("bool"),
    STRING("string"),
    INT("int"),
    DURATION("duration"),
    /** May be repeated; values are not split. */
    LIST("stringArray"),
    /** May be repeated; values are split at commas. */
    CSV("strings");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }

    static Kind of(String label) {
      for (Kind kind : values()) {
        if (kind.label.equals(label)) {
          return kind;
        }
      }
      throw new IllegalArgumentException("unknown kind of flag '" + label + "'");
    }
  }

  /** The name with its dashes. */
  public String dashed() {
    return "--" + name;
  }

  /**
   * Parses a table of flags, one per line: {@code support | name | kind | default | help}.
   *
   * @throws IllegalArgumentException for an invalid line
   */
  public static List<Flag> table(String table) {
    return table.lines().map(Flag::row).toList();
  }

  private static Flag row(String line) {
    String[] cells = line.split("\\|", -1);
    if (cells.length != 5) {
      throw new IllegalArgumentException("a row must have five cells: " + line);
    }
    return new Flag(
        cells[1].strip(),
        Kind.of(cells[2].strip()),
        cells[3].strip(),
        Support.of(cells[0].strip()),
        cells[4].strip());
  }
}
