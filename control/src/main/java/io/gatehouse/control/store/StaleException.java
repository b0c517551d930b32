package io.gatehouse.control.store;

/** Something else has changed since the change was validated; it must be validated again. */
public final class StaleException extends Exception {
  private static final long serialVersionUID = 1;

  StaleException(long basedOn, long present) {
    super("the change is based on revision " + basedOn + ", and the present one is " + present);
  }
}
