package io.gatehouse.auth;

import java.util.Map;
import java.util.Set;

/**
 * The authenticated client of a connection, as Kafka's {@code User} principal.
 *
 * @param mechanism how the client authenticated: a SASL mechanism, {@code SSL}, or {@code NONE}
 * @param attributes further facts from the credentials, for information only: claims of a token,
 *     the whole distinguished name of a certificate
 * @param groups the names of its groups at the identity provider or in the directory
 */
public record Principal(
    User user, String mechanism, Map<String, String> attributes, Set<String> groups) {

  /** The principal of clients at a listener without authentication. */
  public static final Principal ANONYMOUS = new Principal("ANONYMOUS", "NONE");

  public Principal {
    attributes = Map.copyOf(attributes);
    groups = Set.copyOf(groups);
  }

  /** A principal without groups. */
  public Principal(User user, String mechanism, Map<String, String> attributes) {
    this(user, mechanism, attributes, Set.of());
  }

  /** A principal without tenant. */
  public Principal(String name, String mechanism, Map<String, String> attributes) {
    this(User.named(name), mechanism, attributes);
  }

  /** A principal without tenant and attributes. */
  public Principal(String name, String mechanism) {
    this(name, mechanism, Map.of());
  }

  /** The same client as the user that it is known as here. */
  public Principal as(User known) {
    return known.equals(user) ? this : new Principal(known, mechanism, attributes, groups);
  }

  /** The user's name without the tenant, which is not unique. */
  public String name() {
    return user.name();
  }

  @Override
  public String toString() {
    return user.toString();
  }
}
