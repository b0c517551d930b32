package io.gatehouse.app.config;

/** Where a value came from, in words the user knows. */
public sealed interface Origin {

  /** Nobody gave the value. */
  Origin DEFAULT = new BuiltIn("default");

  /**
   * @param note what default it is
   */
  record BuiltIn(String note) implements Origin {
    @Override
    public String toString() {
      return note;
    }
  }

  /**
   * @param file as the user named it
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
   * @param name with its dashes
   */
  record Flag(String name) implements Origin {
    @Override
    public String toString() {
      return name;
    }
  }
}
