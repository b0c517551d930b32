package io.gatehouse.control.kind;

import io.gatehouse.auth.User;

/**
 * The identity of a resource.
 *
 * @param id its name, and its virtual cluster where the kind has one
 */
public record Key(Kind kind, User id) {

  /** The virtual cluster of all clients without one of their own. */
  public static final String PASSTHROUGH = "passthrough";

  /** A key of a kind whose names are unique across virtual clusters. */
  public static Key of(Kind kind, String name) {
    return new Key(kind, User.named(name));
  }

  /** The name in messages, for example {@code passthrough/alice}. */
  public String shown() {
    return id.tenant() == null ? id.name() : id.tenant() + "/" + id.name();
  }
}
