package io.gatehouse.http;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.users.PasswordHash;
import io.gatehouse.control.Actor;
import io.gatehouse.control.Rights;
import org.jspecify.annotations.Nullable;

/**
 * A user of the admin API.
 *
 * @param proofs by what the user is recognised
 */
public record AdminUser(String name, Proofs proofs, Rights rights) {

  /** The default password of Conduktor Gateway. */
  public static final String WELL_KNOWN_PASSWORD = "conduktor";

  /**
   * By what a user is recognised; any one suffices.
   *
   * @param certificate the name that the rules give for a client certificate
   * @param subject the subject of tokens of the identity provider
   */
  public record Proofs(
      @Nullable PasswordHash password, @Nullable String certificate, @Nullable String subject) {}

  public AdminUser {
    if (name.isEmpty() || name.indexOf(':') >= 0) {
      throw new IllegalArgumentException("a user's name is empty or has a colon");
    }
    if (proofs.password == null && proofs.certificate == null && proofs.subject == null) {
      throw new IllegalArgumentException(
          "the user " + name + " has no password, passwordHash, certificate or subject");
    }
  }

  /** A user with a password who may change everything or nothing. */
  public AdminUser(String name, Secret password, boolean admin) {
    this(
        name,
        new Proofs(PasswordHash.ofPlain(password), null, null),
        admin ? Rights.ADMIN : Rights.READER);
  }

  /** Whether everybody knows the user's password. */
  public boolean hasWellKnownPassword() {
    return PasswordHash.ofPlain(new Secret(WELL_KNOWN_PASSWORD)).equals(proofs.password);
  }

  Actor actor() {
    return new Actor(name, rights);
  }
}
