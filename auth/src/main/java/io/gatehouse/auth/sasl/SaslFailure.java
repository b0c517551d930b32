package io.gatehouse.auth.sasl;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A client is refused. The message is for the operator's log. The client reads {@link #toClient()},
 * which does not reveal whether a user exists or what was wrong.
 */
public final class SaslFailure extends Exception {

  private static final long serialVersionUID = 1;

  /** The reason, for metrics. */
  public enum Reason {
    /** Unknown user or wrong credentials; the two are not distinguished. */
    BAD_CREDENTIALS,
    /** A token that has expired or is not valid yet. */
    EXPIRED,
    /** A token made by another issuer or for another audience, or without the expected claims. */
    NOT_FOR_US,
    /** Bytes that are not a message of the mechanism. */
    MALFORMED,
    /** The service that checks the credentials (LDAP, a key server, a plugin) did not answer. */
    UNAVAILABLE,
    /** Too many recent failures from the same address or name. */
    THROTTLED;

    /** The value of the metric's label. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  /**
   * @param detail for the operator; names the user if the client named one, never a secret
   */
  public SaslFailure(Reason reason, String detail) {
    this(reason, detail, null);
  }

  public SaslFailure(Reason reason, String detail, @Nullable Throwable cause) {
    super(detail, cause);
    this.reason = reason;
  }

  /** The failure for an unknown user and for a wrong password alike. */
  public static SaslFailure wrongPassword(String user) {
    return new SaslFailure(
        Reason.BAD_CREDENTIALS,
        "user " + ClientText.shown(user) + " is unknown or its password is wrong");
  }

  public Reason reason() {
    return reason;
  }

  /** The text that is sent to the client. */
  public String toClient() {
    return switch (reason) {
      case BAD_CREDENTIALS, EXPIRED, NOT_FOR_US, THROTTLED ->
          "Authentication failed: invalid credentials";
      case MALFORMED -> "Authentication failed: not a message of this SASL mechanism";
      case UNAVAILABLE -> "Authentication failed: the credentials cannot be checked now";
    };
  }
}
