package io.gatehouse.http;

import io.gatehouse.auth.sasl.token.JwksVerifier;
import io.gatehouse.tls.PrincipalRules;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the admin API, and how users prove who they are.
 *
 * @param users of the configuration
 * @param file more users, or null
 * @param certificates how the subject of a client certificate becomes the name that users have
 * @param tokens the identity provider of users, or null
 */
public record UserSettings(
    List<AdminUser> users,
    @Nullable UserSource file,
    PrincipalRules certificates,
    @Nullable Tokens tokens) {

  public UserSettings {
    users = List.copyOf(users);
  }

  /** The users of the configuration only. */
  public static UserSettings of(List<AdminUser> users) {
    return new UserSettings(users, null, PrincipalRules.DEFAULT, null);
  }

  /** Whether anybody may use the API; if not, there is one user with a random password. */
  public boolean isGiven() {
    return !users.isEmpty() || file != null || tokens != null;
  }

  /** Users that are read again when they change. */
  public interface UserSource {
    /** The text that describes the users. Read every few seconds while the API is used. */
    String text() throws java.io.IOException;

    /**
     * @throws IllegalArgumentException when the text is not valid, with all problems
     */
    List<AdminUser> parse(String text);
  }

  /**
   * Tokens of an identity provider. A subject that a user has gives that user's rights; for other
   * subjects the roles decide.
   *
   * @param verifier its rules take the roles from the scope's claim
   * @param adminRoles roles that may do everything
   * @param readRoles roles that may read everything
   */
  public record Tokens(
      JwksVerifier.Settings verifier, Set<String> adminRoles, Set<String> readRoles) {
    public Tokens {
      adminRoles = Set.copyOf(adminRoles);
      readRoles = Set.copyOf(readRoles);
      if (verifier.rules().audiences().isEmpty()) {
        throw new IllegalArgumentException(
            "an audience is needed: otherwise a token for any other service opens this one");
      }
    }
  }
}
