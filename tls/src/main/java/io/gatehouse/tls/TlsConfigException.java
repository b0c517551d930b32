package io.gatehouse.tls;

/** Keys, certificates or options are unusable. The message names the file and the reason. */
public final class TlsConfigException extends Exception {

  private static final long serialVersionUID = 1;

  public TlsConfigException(String message) {
    super(message);
  }

  public TlsConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
