package io.gatehouse.auth.sasl.ldap;

import io.gatehouse.auth.RedactedUrl;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.password.PasswordVerifier;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The directory that checks passwords (kafka-proxy's {@code auth-ldap}, docs/kafka-proxy.md).
 *
 * @param servers {@code --url}, tried in order
 * @param timeout of a connect and of each answer
 */
public record LdapSettings(List<Server> servers, Tls tls, LdapLookup lookup, Duration timeout)
    implements Source<PasswordVerifier> {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);

  /**
   * @param tls whether the connection begins with TLS ({@code ldaps})
   */
  public record Server(String host, int port, boolean tls) {

    static Server of(String url) {
      URI uri;
      try {
        uri = URI.create(url.strip());
      } catch (IllegalArgumentException _) { // its message quotes the whole URL
        throw new IllegalArgumentException("--url " + RedactedUrl.of(url) + " is no URL");
      }
      boolean tls = "ldaps".equals(uri.getScheme());
      if ((!tls && !"ldap".equals(uri.getScheme())) || uri.getHost() == null) {
        throw new IllegalArgumentException(
            "--url "
                + RedactedUrl.of(url)
                + " is neither ldap://host[:port] nor ldaps://host[:port]");
      }
      int port = uri.getPort() > 0 ? uri.getPort() : tls ? 636 : 389;
      return new Server(uri.getHost().replaceAll("[\\[\\]]", ""), port, tls);
    }

    @Override
    public String toString() {
      return (tls ? "ldaps://" : "ldap://") + host + ":" + port;
    }
  }

  /**
   * @param startTls {@code --start-tls}: request STARTTLS of {@code ldap} servers before anything
   *     else
   * @param insecure {@code --ldap-insecure-skip-verify}: accept any certificate
   * @param authorities {@code --ldap-ca-cert-file}: PEM; null for the JDK's authorities
   */
  public record Tls(boolean startTls, boolean insecure, @Nullable Path authorities) {

    /** The default of kafka-proxy, except that certificates are verified. */
    public static final Tls VERIFIED = new Tls(true, false, null);
  }

  /**
   * @param urls {@code --url}: URLs separated by commas
   * @throws IllegalArgumentException when a URL is invalid
   */
  public LdapSettings(String urls, Tls tls, LdapLookup lookup) {
    this(servers(urls), tls, lookup, TIMEOUT);
  }

  public LdapSettings {
    servers = List.copyOf(servers);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("--url names no LDAP server");
    }
    if (!timeout.isPositive() || timeout.compareTo(MAX_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "The LDAP timeout " + timeout + " is not between 0 and " + MAX_TIMEOUT);
    }
  }

  @Override
  public PasswordVerifier open(Leases parts) {
    return new LdapVerifier(this);
  }

  @Override
  public void check() {
    LdapTrust.of(tls);
  }

  /** Copies the settings with another timeout. */
  public LdapSettings within(Duration other) {
    return new LdapSettings(servers, tls, lookup, other);
  }

  private static List<Server> servers(String urls) {
    return Arrays.stream(urls.split(",")).filter(url -> !url.isBlank()).map(Server::of).toList();
  }
}
