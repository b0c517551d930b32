package io.gatehouse.app.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;

/** The streams and environment variables of a command. */
public record ProgramContext(
    InputStream in, PrintStream out, PrintStream err, Map<String, String> environment) {

  /** With standard input. */
  public ProgramContext(PrintStream out, PrintStream err, Map<String, String> environment) {
    this(System.in, out, err, environment);
  }

  /** A variable; null if it is not set or empty. */
  public @org.jspecify.annotations.Nullable String variable(String name) {
    String value = environment.get(name);
    return value == null || value.isEmpty() ? null : value;
  }
}
