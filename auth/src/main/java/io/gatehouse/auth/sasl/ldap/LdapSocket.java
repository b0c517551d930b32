package io.gatehouse.auth.sasl.ldap;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes the socket of one connection to a directory, plain or with TLS from the start or by
 * STARTTLS, and closes it at a deadline. The LDAP library bounds connects and answers but not TLS
 * handshakes, and it does not verify host names after STARTTLS.
 */
final class LdapSocket extends SSLSocketFactory implements AutoCloseable {

  private final LdapSettings.Server server;
  private final LdapTrust trust;
  private final int timeoutMillis;
  private final CountDownLatch done = new CountDownLatch(1);
  private @Nullable Socket socket;
  private boolean cut;

  /**
   * @param timeout of a connect and of each answer; the whole login may take twice as long
   */
  LdapSocket(LdapSettings.Server server, LdapTrust trust, Duration timeout) {
    this.server = server;
    this.trust = trust;
    this.timeoutMillis = Math.toIntExact(timeout.toMillis());
    Thread.ofVirtual().name("ldap-deadline").start(() -> cutAfter(timeout.multipliedBy(2)));
  }

  private void cutAfter(Duration limit) {
    try {
      if (!done.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        cut();
      }
    } catch (InterruptedException e) {
      cut();
    }
  }

  /** Cancels the deadline; the library closes the socket. */
  @Override
  public void close() {
    done.countDown();
  }

  private synchronized void cut() {
    cut = true;
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        // The socket is unusable either way.
      }
    }
  }

  private synchronized void keep(Socket made) throws IOException {
    socket = made;
    if (cut) {
      made.close();
      throw new SocketException("It took too long");
    }
  }

  /** Refused, because the library would then connect without a bound on the TLS handshake. */
  @Override
  public Socket createSocket() throws IOException {
    throw new SocketException("Only connected sockets are made here");
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    Socket raw = new Socket();
    keep(raw);
    try {
      raw.setTcpNoDelay(true);
      raw.connect(new InetSocketAddress(host, port), timeoutMillis);
      raw.setSoTimeout(timeoutMillis);
      return server.tls() ? trust.over(raw, server) : raw;
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /** Adds TLS to a connected socket, for STARTTLS. */
  @Override
  public Socket createSocket(Socket raw, String host, int port, boolean autoClose)
      throws IOException {
    raw.setSoTimeout(timeoutMillis);
    return trust.over(raw, server);
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return trust.context().getSocketFactory().getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return trust.context().getSocketFactory().getSupportedCipherSuites();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return createSocket(InetAddress.getByName(host), port);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    return createSocket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    return createSocket(host, port);
  }
}
