package io.gatehouse.http;

import io.gatehouse.auth.Secret;

/**
 * A user of the admin API.
 *
 * @param admin whether the user may change anything
 */
public record AdminUser(String name, Secret password, boolean admin) {

  /** The default password of Conduktor Gateway. */
  public static final String WELL_KNOWN_PASSWORD = "conduktor";

  public AdminUser {
    if (name.isEmpty() || name.indexOf(':') >= 0) {
      throw new IllegalArgumentException("a user's name is empty or has a colon");
    }
    if (password.reveal().isEmpty()) {
      throw new IllegalArgumentException("the user " + name + " has no password");
    }
  }
}
