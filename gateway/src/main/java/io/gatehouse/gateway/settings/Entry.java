package io.gatehouse.gateway.settings;

import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.ServerTls;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a connection must show before its requests are heard, and which cluster it leads to then.
 *
 * @param tls null: plaintext
 * @param proxyHeader whether a balancer in front says who the client is
 * @param cluster name of the upstream cluster
 * @param handshake what another gateway must show first, or null if clients come by themselves
 */
public record Entry(
    @Nullable ServerTls tls,
    ProxyHeader proxyHeader,
    Authentication authentication,
    String cluster,
    @Nullable HandshakeExpected handshake) {

  public static final String MAIN = "main";

  /** Plaintext for anybody. */
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
   * Whether clients that were let in by the other settings would be by these, so that their
   * sessions may go on. What a client's certificate was checked with must be the same to the file.
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
