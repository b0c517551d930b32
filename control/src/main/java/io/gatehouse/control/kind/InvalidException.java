package io.gatehouse.control.kind;

import java.util.List;

/** A document that is not a valid resource. */
public final class InvalidException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<String> problems;

  InvalidException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  /** All problems, each with its path, the value found and the valid values. */
  public List<String> problems() {
    return problems;
  }
}
