package io.gatehouse.gateway.settings;

import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.ServerTls;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a listener requires of connections, and which cluster it leads to.
 *
 * @param tls TLS settings, or null for plaintext
 * @param proxyHeader whether a load balancer sends the client's address
 * @param cluster name of the upstream cluster
 * @param handshake the handshake that another gateway must complete first, or null
 */
public record Entry(
    @Nullable ServerTls tls,
    ProxyHeader proxyHeader,
    Authentication authentication,
    String cluster,
    @Nullable HandshakeExpected handshake) {

  public static final String MAIN = "main";

  /** Plaintext without authentication. */
  public static final Entry OPEN =
      new Entry(null, ProxyHeader.OFF, new Authentication.Open(), MAIN);

  public Entry(
      @Nullable ServerTls tls,
      ProxyHeader proxyHeader,
      Authentication authentication,
      String cluster) {
    this(tls, proxyHeader, authentication, cluster, null);
  }

  /**
   * Whether clients accepted with the other settings would be accepted with these, so that their
   * sessions may continue. If client certificates are verified, all TLS settings must be equal.
   */
  public boolean admitsSameClients(Entry other) {
    return authentication.equals(other.authentication)
        && Objects.equals(handshake, other.handshake)
        && (Objects.equals(tls, other.tls)
            || (needsNoCertificate(tls) && needsNoCertificate(other.tls)));
  }

  private static boolean needsNoCertificate(@Nullable ServerTls tls) {
    return tls != null && tls.clients().auth() == ClientAuth.NONE;
  }

  public Entry with(HandshakeExpected other) {
    return new Entry(tls, proxyHeader, authentication, cluster, other);
  }

  public Entry with(Authentication other) {
    return new Entry(tls, proxyHeader, other, cluster, handshake);
  }

  public Entry with(ServerTls other) {
    return new Entry(other, proxyHeader, authentication, cluster, handshake);
  }

  public Entry with(ProxyHeader other) {
    return new Entry(tls, other, authentication, cluster, handshake);
  }

  public Entry to(String otherCluster) {
    return new Entry(tls, proxyHeader, authentication, otherCluster, handshake);
  }
}
