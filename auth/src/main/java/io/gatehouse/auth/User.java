package io.gatehouse.auth;

import org.jspecify.annotations.Nullable;

/**
 * Whom a principal names. The tenant (a virtual cluster) is a part of its own and never of the
 * name: {@code alice} of the tenant {@code team-b} is neither {@code alice} nor a user without a
 * tenant whose name is {@code team-b/alice}. So users are compared, kept and looked up as this
 * pair, and not as a text made of it.
 *
 * @param tenant null for none
 * @param name without the {@code User:} in front; neither holds {@link ControlCharacters}
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

  /** A name that could pass itself off as something else, in a log for instance. */
  public static final class InvalidName extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    InvalidName(String message) {
      super(message);
    }
  }

  /** Of no tenant. */
  public static User named(String name) {
    return new User(null, name);
  }

  @Override
  public String toString() {
    return (tenant == null ? "" : "Tenant:" + tenant + " ") + "User:" + name;
  }
}
