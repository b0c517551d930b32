package io.gatehouse.identity;

import java.util.Map;

/**
 * Who a connection acts for, as Kafka's {@code User} principal.
 *
 * @param name without the {@code User:} in front
 * @param mechanism how it was proved: a SASL mechanism, {@code SSL}, or {@code NONE}
 * @param attributes what the proof said beyond the name: claims of a token, the whole distinguished
 *     name of a certificate
 */
public record Principal(String name, String mechanism, Map<String, String> attributes) {

  /** Nobody in particular: a listener without authentication. */
  public static final Principal ANONYMOUS = new Principal("ANONYMOUS", "NONE");

  public Principal {
    attributes = Map.copyOf(attributes);
  }

  public Principal(String name, String mechanism) {
    this(name, mechanism, Map.of());
  }

  @Override
  public String toString() {
    return "User:" + name;
  }
}
