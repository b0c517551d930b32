package io.gatehouse.auth.sasl;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A client is not let in. The message is for the operator's log; the client reads {@link
 * #toClient()}, which tells nobody whether a user exists or what was wrong with the proof.
 */
public final class SaslFailure extends Exception {

  private static final long serialVersionUID = 1;

  /** What the failure is counted as. */
  public enum Reason {
    /** Unknown user or wrong proof; the two are not told apart. */
    BAD_CREDENTIALS,
    /** A token that is no longer, or not yet, valid. */
    EXPIRED,
    /** A token made by or for somebody else: issuer, audience, claims. */
    NOT_FOR_US,
    /** Bytes that are no message of the mechanism. */
    MALFORMED,
    /** What checks the proof (LDAP, a key server, a plugin) did not answer. */
    UNAVAILABLE,
    /** Too many failures from there lately. */
    THROTTLED;

    /** The value of the metric's label. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  /**
   * @param detail for the operator; names the user where one was claimed, and never a secret
   */
  public SaslFailure(Reason reason, String detail) {
    this(reason, detail, null);
  }

  public SaslFailure(Reason reason, String detail, @Nullable Throwable cause) {
    super(detail, cause);
    this.reason = reason;
  }

  /** One text for an unknown user and a wrong password. */
  public static SaslFailure wrongPassword(String user) {
    return new SaslFailure(
        Reason.BAD_CREDENTIALS,
        "user " + ClientText.shown(user) + " is unknown or its password is wrong");
  }

  public Reason reason() {
    return reason;
  }

  /** What the client is told. */
  public String toClient() {
    return switch (reason) {
      case BAD_CREDENTIALS, EXPIRED, NOT_FOR_US, THROTTLED ->
          "Authentication failed: invalid credentials";
      case MALFORMED -> "Authentication failed: not a message of this SASL mechanism";
      case UNAVAILABLE -> "Authentication failed: the credentials cannot be checked now";
    };
  }
}
