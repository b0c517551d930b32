package io.gatehouse.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A text that is never shown in logs, errors or listings. */
public final class Secret {

  private static final String SHOWN = "***";

  private final String text;

  public Secret(String text) {
    this.text = text;
  }

  /** The text itself, to be called only where it is used. */
  public String reveal() {
    return text;
  }

  /** Compares in constant time. */
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
