package io.gatehouse.gateway.settings;

import io.gatehouse.auth.Secret;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.TrustSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A forward proxy for connections to brokers. It receives their host names and resolves them.
 *
 * @param user user name, null if and only if there is no password
 * @param tls TLS settings for the connection to the proxy itself, or null for plaintext
 */
public record ForwardProxy(
    Kind kind,
    HostPort address,
    @Nullable String user,
    @Nullable Secret password,
    @Nullable ClientTls tls) {

  /** The proxy's protocol. */
  public enum Kind {
    SOCKS5,
    HTTP
  }

  public ForwardProxy {
    if ((user == null) != (password == null)) {
      throw new IllegalArgumentException("a forward proxy needs user and password, or neither");
    }
    if (tls != null && kind != Kind.HTTP) {
      throw new IllegalArgumentException("only HTTP proxies are reached over TLS");
    }
  }

  /** A copy with other TLS settings. */
  public ForwardProxy with(ClientTls other) {
    return new ForwardProxy(kind, address, user, password, other);
  }

  /**
   * Reads {@code socks5://[user:password@]host:port}, {@code http://...} or {@code https://...}
   * (docs/kafka-proxy.md). The last one uses TLS with the Java runtime's trust store.
   *
   * @throws IllegalArgumentException with a message that does not show the password
   */
  public static ForwardProxy parse(String text) {
    int scheme = text.indexOf("://");
    String name = scheme < 0 ? "" : text.substring(0, scheme);
    Kind kind =
        switch (name) {
          case "socks5" -> Kind.SOCKS5;
          case "http", "https" -> Kind.HTTP;
          default ->
              throw new IllegalArgumentException(
                  "a forward proxy is given as socks5://host:port, http://host:port or"
                      + " https://host:port");
        };
    ClientTls tls = name.equals("https") ? ClientTls.of(new TrustSource.SystemDefault()) : null;
    String rest = text.substring(scheme + 3);
    int at = rest.lastIndexOf('@');
    HostPort address = HostPort.parse(rest.substring(at + 1).replaceFirst("/$", ""));
    if (at < 0) {
      return new ForwardProxy(kind, address, null, null, tls);
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
        new Secret(decoded(rest.substring(colon + 1, at))),
        tls);
  }

  /** The URL without user and password. */
  @Override
  public String toString() {
    return (tls == null ? kind.name().toLowerCase(Locale.ROOT) : "https") + "://" + address;
  }

  private static String decoded(String text) {
    return java.net.URLDecoder.decode(
        text.replace("+", "%2B"), java.nio.charset.StandardCharsets.UTF_8);
  }
}
