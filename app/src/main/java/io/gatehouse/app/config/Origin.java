package io.gatehouse.app.config;

/** The source of a value, as shown to the user. */
public sealed interface Origin {

  /** The value is a default. */
  Origin DEFAULT = new BuiltIn("default");

  /**
   * @param note describes the default
   */
  record BuiltIn(String note) implements Origin {
    @Override
    public String toString() {
      return note;
    }
  }

  /**
   * @param file the path as given by the user
   * @param line from 1
   */
  record InFile(String file, int line) implements Origin {
    @Override
    public String toString() {
      return file + ":" + line;
    }
  }

  /** An environment variable. */
  record Variable(String name) implements Origin {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * @param name the flag with its dashes
   */
  record Flag(String name) implements Origin {
    @Override
    public String toString() {
      return name;
    }
  }
}
