package io.gatehouse.gateway.settings;

import io.gatehouse.identity.Secret;
import org.jspecify.annotations.Nullable;

/**
 * A proxy on the way to the brokers. It gets their names and looks them up itself.
 *
 * @param user with a password, or null for neither
 */
public record ForwardProxy(
    Kind kind, HostPort address, @Nullable String user, @Nullable Secret password) {

  /** What it speaks. */
  public enum Kind {
    SOCKS5,
    HTTP
  }

  public ForwardProxy {
    if ((user == null) != (password == null)) {
      throw new IllegalArgumentException("a forward proxy needs user and password, or neither");
    }
  }

  /**
   * Reads {@code socks5://[user:password@]host:port} or {@code http://[user:password@]host:port}
   * (contracts/kafka-proxy.md §11).
   *
   * @throws IllegalArgumentException with a message that does not show the password
   */
  public static ForwardProxy parse(String text) {
    int scheme = text.indexOf("://");
    Kind kind =
        switch (scheme < 0 ? "" : text.substring(0, scheme)) {
          case "socks5" -> Kind.SOCKS5;
          case "http" -> Kind.HTTP;
          default ->
              throw new IllegalArgumentException(
                  "a forward proxy is given as socks5://host:port or http://host:port");
        };
    String rest = text.substring(scheme + 3);
    int at = rest.lastIndexOf('@');
    HostPort address = HostPort.parse(rest.substring(at + 1).replaceFirst("/$", ""));
    if (at < 0) {
      return new ForwardProxy(kind, address, null, null);
    }
    int colon = rest.indexOf(':');
    if (colon < 1 || colon >= at - 1) {
      throw new IllegalArgumentException(
          "the forward proxy " + address + " needs user and password, or neither");
    }
    return new ForwardProxy(
        kind,
        address,
        decoded(rest.substring(0, colon)),
        new Secret(decoded(rest.substring(colon + 1, at))));
  }

  private static String decoded(String text) {
    return java.net.URLDecoder.decode(
        text.replace("+", "%2B"), java.nio.charset.StandardCharsets.UTF_8);
  }
}
