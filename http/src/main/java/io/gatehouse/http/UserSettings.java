package io.gatehouse.http;

import io.gatehouse.auth.sasl.token.JwksVerifier;
import io.gatehouse.tls.PrincipalRules;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the admin API, and how users prove who they are.
 *
 * @param users of the configuration
 * @param file more users, or null
 * @param certificates how the subject of a client certificate becomes the name that users have
 * @param tokens the identity provider of users, or null
 * @param wellKnownPassword whether {@link AdminUser#WELL_KNOWN_PASSWORD} is taken
 */
public record UserSettings(
    List<AdminUser> users,
    @Nullable UserSource file,
    PrincipalRules certificates,
    @Nullable Tokens tokens,
    boolean wellKnownPassword) {

  /**
   * @throws IllegalArgumentException when two users cannot be told apart
   */
  public UserSettings {
    users = List.copyOf(users);
    requireDistinct(users);
  }

  /** Any password is taken. */
  public UserSettings(
      List<AdminUser> users,
      @Nullable UserSource file,
      PrincipalRules certificates,
      @Nullable Tokens tokens) {
    this(users, file, certificates, tokens, true);
  }

  /** The same without the password that everybody knows. */
  public UserSettings withoutWellKnownPassword() {
    return new UserSettings(users, file, certificates, tokens, false);
  }

  /**
   * The users of the configuration together with those of the file.
   *
   * @throws IllegalArgumentException when two of them cannot be told apart, or one has a password
   *     that is not taken
   */
  public List<AdminUser> with(List<AdminUser> ofFile) {
    var all = Stream.concat(users.stream(), ofFile.stream()).toList();
    requireDistinct(all);
    if (!wellKnownPassword) {
      for (var user : all) {
        if (user.hasWellKnownPassword()) {
          throw new IllegalArgumentException(
              "the user %s has the password that Conduktor Gateway comes with: give it another one"
                  .formatted(user.name()));
        }
      }
    }
    return all;
  }

  /**
   * @throws IllegalArgumentException when two users have the same name, certificate or subject
   */
  public static void requireDistinct(List<AdminUser> users) {
    var problems =
        Stream.of(
                repeated(users, AdminUser::name, "there are two users %s"),
                repeated(
                    users, one -> one.proofs().certificate(), "two users have the certificate %s"),
                repeated(users, one -> one.proofs().subject(), "two users have the subject %s"))
            .flatMap(one -> one)
            .toList();
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
  }

  private static Stream<String> repeated(
      List<AdminUser> users, Function<AdminUser, @Nullable String> value, String problem) {
    var seen = new HashSet<String>();
    var repeated = new TreeSet<String>();
    for (var user : users) {
      var one = value.apply(user);
      if (one != null && !seen.add(one)) {
        repeated.add(one);
      }
    }
    return repeated.stream().map(problem::formatted);
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
