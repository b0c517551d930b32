package io.gatehouse.app.remote;

import java.util.List;

/** A command cannot do what it should. Each line is for the user. */
final class Failure extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<String> lines;

  Failure(String line) {
    this(List.of(line));
  }

  Failure(List<String> lines) {
    super(String.join("\n", lines));
    this.lines = List.copyOf(lines);
  }

  List<String> lines() {
    return lines;
  }
}
