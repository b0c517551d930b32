package io.gatehouse.auth;

import org.jspecify.annotations.Nullable;

/**
 * The user of a principal. The tenant (a virtual cluster) is a component of its own: {@code alice}
 * of the tenant {@code team-b} is neither {@code alice} nor a user without tenant named {@code
 * team-b/alice}. Users are therefore compared and looked up as this pair, never as one text.
 *
 * @param tenant null for none
 * @param name without the prefix {@code User:}; neither contains {@link ControlCharacters}
 */
public record User(@Nullable String tenant, String name) {

  public User {
    if (tenant != null && tenant.isEmpty()) {
      throw new IllegalArgumentException("the name of a tenant is empty");
    }
    if (ControlCharacters.in(name)) {
      throw new InvalidName("a user's name with control characters");
    }
    if (tenant != null && ControlCharacters.in(tenant)) {
      throw new InvalidName("a tenant's name with control characters");
    }
  }

  /** A name with control characters, which could forge log lines. */
  public static final class InvalidName extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    InvalidName(String message) {
      super(message);
    }
  }

  /** A user without tenant. */
  public static User named(String name) {
    return new User(null, name);
  }

  @Override
  public String toString() {
    return (tenant == null ? "" : "Tenant:" + tenant + " ") + "User:" + name;
  }
}
