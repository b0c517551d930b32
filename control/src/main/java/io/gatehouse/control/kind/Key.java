package io.gatehouse.control.kind;

import io.gatehouse.auth.User;

/**
 * What tells one resource from all others.
 *
 * @param id its name, and its virtual cluster where the kind has one
 */
public record Key(Kind kind, User id) {

  /** The virtual cluster that everybody is in who is in no other. */
  public static final String PASSTHROUGH = "passthrough";

  /** Of a kind whose names are unique over all virtual clusters. */
  public static Key of(Kind kind, String name) {
    return new Key(kind, User.named(name));
  }

  /** What a sentence calls it, for instance {@code passthrough/alice}. */
  public String shown() {
    return id.tenant() == null ? id.name() : id.tenant() + "/" + id.name();
  }
}
