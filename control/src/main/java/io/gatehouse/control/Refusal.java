package io.gatehouse.control;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A request that is refused. Title and message are for the client. */
public final class Refusal extends Exception {
  private static final long serialVersionUID = 1;

  /** How many problems are told; others are counted. */
  private static final int MOST = 30;

  /** What kind of refusal it is. */
  public enum Reason {
    /** The request is not valid here. */
    INVALID,
    /** The user may not do that. */
    FORBIDDEN,
    /** Something it names does not exist. */
    MISSING,
    /** It conflicts with other resources or with the settings. */
    CONFLICT,
    /** A resource is not as the request expects it to be. */
    STALE,
    /** The store cannot be written now. */
    UNAVAILABLE
  }

  /**
   * What is wrong with one of several resources.
   *
   * @param index of the resource, from 0; -1 for those that are deleted
   */
  public record Problem(int index, String text) {

    /** With the number of the document, counted from 1. */
    public String shown() {
      return index < 0 ? text : "document " + (index + 1) + ": " + text;
    }
  }

  private final Reason reason;
  private final String title;
  private final transient List<Problem> problems;

  public Refusal(Reason reason, String title, String message) {
    this(reason, title, message, List.of());
  }

  private Refusal(Reason reason, String title, String message, List<Problem> problems) {
    super(message);
    this.reason = reason;
    this.title = title;
    this.problems = problems;
  }

  /** The refusal of several resources. */
  public static Refusal of(Reason reason, List<Problem> problems) {
    List<Problem> told = new ArrayList<>(problems.subList(0, Math.min(MOST, problems.size())));
    if (problems.size() > MOST) {
      told.add(new Problem(-1, "and " + (problems.size() - MOST) + " more"));
    }
    return new Refusal(
        reason,
        "Nothing was changed, because of problems with some of the resources",
        told.stream().map(Problem::shown).collect(Collectors.joining("; ")),
        List.copyOf(told));
  }

  public Reason reason() {
    return reason;
  }

  /** The same for all refusals of this kind. */
  public String title() {
    return title;
  }

  /** Of several resources; empty for a refusal of one. */
  public List<Problem> problems() {
    return problems;
  }
}
