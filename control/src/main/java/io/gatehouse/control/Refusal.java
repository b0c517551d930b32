package io.gatehouse.control;

/** A request that is refused. Title and message are for the client. */
public final class Refusal extends Exception {
  private static final long serialVersionUID = 1;

  /** What kind of refusal it is. */
  public enum Reason {
    /** The request is not valid here. */
    INVALID,
    /** Something it names does not exist. */
    MISSING,
    /** It conflicts with other resources or with the settings. */
    CONFLICT,
    /** The store cannot be written now. */
    UNAVAILABLE
  }

  private final Reason reason;
  private final String title;

  public Refusal(Reason reason, String title, String message) {
    super(message);
    this.reason = reason;
    this.title = title;
  }

  public Reason reason() {
    return reason;
  }

  /** The same for all refusals of this kind. */
  public String title() {
    return title;
  }
}
