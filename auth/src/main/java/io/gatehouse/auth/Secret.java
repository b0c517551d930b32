package io.gatehouse.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A text that no log, error or listing shows. */
public final class Secret {

  private static final String SHOWN = "***";

  private final String text;

  public Secret(String text) {
    this.text = text;
  }

  /** The text itself, for the one place that needs it. */
  public String reveal() {
    return text;
  }

  /** Takes as long for a near miss as for a far one. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret
        && MessageDigest.isEqual(
            text.getBytes(StandardCharsets.UTF_8), secret.text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return SHOWN;
  }
}
