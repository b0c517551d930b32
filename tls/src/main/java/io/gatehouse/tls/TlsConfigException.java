package io.gatehouse.tls;

/** Keys, certificates or options that cannot be used. The message names the file and says why. */
public final class TlsConfigException extends Exception {

  private static final long serialVersionUID = 1;

  public TlsConfigException(String message) {
    super(message);
  }

  public TlsConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
