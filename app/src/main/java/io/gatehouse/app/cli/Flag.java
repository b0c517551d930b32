package io.gatehouse.app.cli;

import io.gatehouse.app.config.Support;
import java.util.List;

/**
 * One flag of a command.
 *
 * @param name without dashes
 * @param fallback the default in words, empty for none
 * @param help what it does; for flags without effect, why
 */
public record Flag(String name, Kind kind, String fallback, Support support, String help) {

  /** What a flag's value is; the names are those of kafka-proxy's own help. */
  public enum Kind {
    BOOL("bool"),
    STRING("string"),
    INT("int"),
    DURATION("duration"),
    /** Given once for each value, which is not split. */
    LIST("stringArray"),
    /** Split at commas, and may be repeated. */
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
      throw new IllegalArgumentException("no kind of flag is called '" + label + "'");
    }
  }

  /** The name as it is typed. */
  public String dashed() {
    return "--" + name;
  }

  /**
   * Reads a table of flags, one a line: {@code support | name | kind | default | help}.
   *
   * @throws IllegalArgumentException for a line that is not so
   */
  public static List<Flag> table(String table) {
    return table.lines().map(Flag::row).toList();
  }

  private static Flag row(String line) {
    String[] cells = line.split("\\|", -1);
    if (cells.length != 5) {
      throw new IllegalArgumentException("not a row of five cells: " + line);
    }
    return new Flag(
        cells[1].strip(),
        Kind.of(cells[2].strip()),
        cells[3].strip(),
        Support.of(cells[0].strip()),
        cells[4].strip());
  }
}
