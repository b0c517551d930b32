package io.gatehouse.gateway.acl;

/**
 * Whom a rule is about. Types other than {@link #USER} and {@link #GROUP} can be kept, as in Kafka,
 * but no client has them.
 *
 * @param name {@code *} for all users, or for all clients that belong to a group
 */
public record Principal(String type, String name) {

  /** The type of users, as in Kafka. */
  public static final String USER = "User";

  /** The type of groups, which Kafka does not have. */
  public static final String GROUP = "Group";

  static final Principal ANY_USER = user("*");
  static final Principal ANY_GROUP = group("*");

  public Principal {
    if (type.indexOf(':') >= 0) {
      throw new IllegalArgumentException("a type of principals with a colon");
    }
  }

  /** A user by name. */
  public static Principal user(String name) {
    return new Principal(USER, name);
  }

  /** All members of a group. */
  public static Principal group(String name) {
    return new Principal(GROUP, name);
  }

  /**
   * Reads {@code TYPE:NAME}; the name may contain colons.
   *
   * @throws IllegalArgumentException if there is no colon
   */
  public static Principal parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("a principal without a type such as User:");
    }
    return new Principal(text.substring(0, colon), text.substring(colon + 1));
  }

  @Override
  public String toString() {
    return type + ":" + name;
  }
}
