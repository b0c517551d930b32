package io.gatehouse.testkit;

import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RawClient} over TLS with configurable server name, certificate, trust and protocols:
 *
 * <pre>
 *   RawClient client = RawTls.to("127.0.0.1", port).sni("b0.example.com").trust(ca).connect();
 * </pre>
 *
 * Without {@link #sni} it sends no server name, and without {@link #trust} it trusts every server.
 */
public final class RawTls {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final InetSocketAddress address;
  private @Nullable String name;
  private @Nullable Credentials identity;
  private Authority[] trusted = {};
  private String[] protocols = {};
  private String[] ciphers = {};
  private String[] applications = {};

  private RawTls(InetSocketAddress address) {
    this.address = address;
  }

  /** Sets the address to connect to. */
  public static RawTls to(String host, int port) {
    return new RawTls(new InetSocketAddress(host, port));
  }

  /**
   * Sets the server name (SNI). With {@link #trust}, the server's certificate must be valid for it.
   */
  public RawTls sni(String serverName) {
    name = serverName;
    return this;
  }

  /** Sends a certificate if the server requests one. */
  public RawTls identity(Credentials credentials) {
    identity = credentials;
    return this;
  }

  /** Trusts only servers of these authorities. */
  public RawTls trust(Authority... authorities) {
    trusted = authorities;
    return this;
  }

  /** Offers only these protocols, such as {@code TLSv1.2}. */
  public RawTls protocols(String... offered) {
    protocols = offered;
    return this;
  }

  /** Offers only these cipher suites, by JDK name. */
  public RawTls ciphers(String... offered) {
    ciphers = offered;
    return this;
  }

  /** Offers these application protocols (ALPN). */
  public RawTls applications(String... offered) {
    applications = offered;
    return this;
  }

  /**
   * Connects and does the TLS handshake. With TLS 1.3, the rejection of the client's certificate is
   * received only with the first read.
   *
   * @throws IOException if one side refuses, or it takes more than ten seconds
   */
  public RawClient connect() throws IOException {
    Socket plain = new Socket();
    try {
      plain.setTcpNoDelay(true);
      plain.connect(address, (int) LIMIT.toMillis());
      return over(plain);
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  /** Does the TLS handshake on an open connection, for example after a PROXY header. */
  public RawClient over(Socket plain) throws IOException {
    String verified = name == null ? address.getHostString() : name;
    SSLSocket socket =
        (SSLSocket)
            context().getSocketFactory().createSocket(plain, verified, plain.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(name == null ? List.of() : List.of(new SNIHostName(name)));
    if (trusted.length > 0) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    if (protocols.length > 0) {
      parameters.setProtocols(protocols);
    }
    if (ciphers.length > 0) {
      parameters.setCipherSuites(ciphers);
    }
    if (applications.length > 0) {
      parameters.setApplicationProtocols(applications);
    }
    socket.setSSLParameters(parameters);
    socket.setSoTimeout((int) LIMIT.toMillis());
    socket.startHandshake();
    return RawClient.over(socket);
  }

  private SSLContext context() {
    if (trusted.length > 0) {
      return Credentials.context(identity, trusted);
    }
    return Credentials.credulousContext(identity);
  }
}
