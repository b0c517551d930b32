package io.gatehouse.control.store;

/** Resources cannot be read or written. The message is for operators. */
public final class StoreException extends Exception {
  private static final long serialVersionUID = 1;

  StoreException(String message) {
    super(message);
  }

  StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
