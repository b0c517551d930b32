package io.gatehouse.auth;

import java.util.Map;

/**
 * Who a connection acts for, as Kafka's {@code User} principal.
 *
 * @param mechanism how it was proved: a SASL mechanism, {@code SSL}, or {@code NONE}
 * @param attributes what the proof said beyond the user, for information only: claims of a token,
 *     the whole distinguished name of a certificate
 */
public record Principal(User user, String mechanism, Map<String, String> attributes) {

  /** Nobody in particular: a listener without authentication. */
  public static final Principal ANONYMOUS = new Principal("ANONYMOUS", "NONE");

  public Principal {
    attributes = Map.copyOf(attributes);
  }

  /** Of no tenant. */
  public Principal(String name, String mechanism, Map<String, String> attributes) {
    this(User.named(name), mechanism, attributes);
  }

  /** Of no tenant. */
  public Principal(String name, String mechanism) {
    this(name, mechanism, Map.of());
  }

  /** The user's name alone, which does not tell users apart. */
  public String name() {
    return user.name();
  }

  @Override
  public String toString() {
    return user.toString();
  }
}
