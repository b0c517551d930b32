package io.gatehouse.control.kind;

import java.util.List;

/** A document that says nothing valid. */
public final class InvalidException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<String> problems;

  InvalidException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  /** All that is wrong, each with its path, the value seen and what is allowed. */
  public List<String> problems() {
    return problems;
  }
}
