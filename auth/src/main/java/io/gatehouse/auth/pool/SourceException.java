package io.gatehouse.auth.pool;

/** A resource cannot be opened. The message is for the user. */
public final class SourceException extends Exception {

  private static final long serialVersionUID = 1L;

  public SourceException(Exception cause) {
    super(cause.getMessage(), cause);
  }

  public SourceException(String message, Exception cause) {
    super(message, cause);
  }
}
