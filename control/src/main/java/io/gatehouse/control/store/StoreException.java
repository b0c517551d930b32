package io.gatehouse.control.store;

/** Resources cannot be read or written. The message is for operators. */
public final class StoreException extends Exception {
  private static final long serialVersionUID = 1;

  /** What became of a change. */
  public enum Outcome {
    /** It is not stored. */
    NOT_STORED,
    /** It is not stored, and never will be: it is larger than the store takes. */
    TOO_LARGE,
    /** It may be stored, now or soon. */
    UNKNOWN
  }

  private final Outcome outcome;

  StoreException(String message) {
    this(Outcome.NOT_STORED, message);
  }

  StoreException(String message, Throwable cause) {
    super(message, cause);
    this.outcome = Outcome.NOT_STORED;
  }

  StoreException(Outcome outcome, String message) {
    super(message);
    this.outcome = outcome;
  }

  public Outcome outcome() {
    return outcome;
  }
}
