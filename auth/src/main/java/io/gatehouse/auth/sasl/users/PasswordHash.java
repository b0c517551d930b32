package io.gatehouse.auth.sasl.users;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import io.gatehouse.auth.Secret;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A password by which a user is recognised. */
public sealed interface PasswordHash {

  /** The lowest cost of bcrypt; a plain-text password counts as this. */
  int NO_COST = 4;

  /** A higher cost would take seconds, which attackers could exploit. */
  int MAX_COST = 16;

  /** The cost of a check as bcrypt's binary logarithm of rounds. */
  int cost();

  boolean matches(Secret password);

  /**
   * A bcrypt hash as {@code htpasswd -B} writes it.
   *
   * @throws IllegalArgumentException if it is none, or takes too long to check
   */
  static PasswordHash ofBcrypt(String hash) {
    return Bcrypt.of(hash);
  }

  /** A password that is known itself. */
  static PasswordHash ofPlain(Secret password) {
    return new Plain(password);
  }

  /**
   * As {@code htpasswd -B} writes it. As in all implementations, bytes after the 72nd are ignored.
   */
  record Bcrypt(String hash, int cost) implements PasswordHash {

    private static final Pattern FORM = Pattern.compile("\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}");

    private static final BCrypt.Verifyer VERIFIER =
        BCrypt.verifyer(
            BCrypt.Version.VERSION_2Y, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2Y));

    static Bcrypt of(String hash) {
      if (!FORM.matcher(hash).matches()) {
        throw new IllegalArgumentException("the bcrypt hash is cut short or holds odd characters");
      }
      int cost = Integer.parseInt(hash.substring(4, 6));
      if (cost < NO_COST || cost > MAX_COST) {
        throw new IllegalArgumentException(
            "bcrypt cost " + cost + " is not between " + NO_COST + " and " + MAX_COST);
      }
      return new Bcrypt(hash, cost);
    }

    @Override
    public boolean matches(Secret password) {
      return VERIFIER.verify(
              password.reveal().getBytes(StandardCharsets.UTF_8),
              hash.getBytes(StandardCharsets.US_ASCII))
          .verified;
    }

    @Override
    public String toString() {
      return "bcrypt, cost " + cost;
    }
  }

  /** A password in plain text. */
  record Plain(Secret secret) implements PasswordHash {

    @Override
    public int cost() {
      return NO_COST;
    }

    @Override
    public boolean matches(Secret password) {
      return secret.equals(password);
    }
  }
}
