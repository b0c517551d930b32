package io.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

class RawTlsTest {

  private static final Authority CA = Authority.create("Test CA");
  private static final Credentials SERVER = CA.issue("s").dns("b0.example.com").sign();

  @Test
  void serverSeesNameProtocolAndCertificate() throws Exception {
    try (Server server = new Server()) {
      try (RawClient client =
          RawTls.to("127.0.0.1", server.port())
              .sni("b0.example.com")
              .trust(CA)
              .identity(CA.client("alice"))
              .protocols("TLSv1.2")
              .connect()) {
        client.send((byte) 1);
        ExtendedSSLSession seen = server.session();
        assertThat(seen.getRequestedServerNames())
            .isEqualTo(List.<SNIServerName>of(new SNIHostName("b0.example.com")));
        assertThat(seen.getProtocol()).isEqualTo("TLSv1.2");
        assertThat(seen.getPeerPrincipal().getName()).isEqualTo("CN=alice");
      }
    }
  }

  @Test
  void trustsEveryServerByDefault() throws Exception {
    try (Server server = new Server()) {
      try (RawClient client = RawTls.to("127.0.0.1", server.port()).connect()) {
        client.send((byte) 1);
        assertThat(server.session().getRequestedServerNames()).isEmpty();
      }
    }
    try (Server server = new Server()) {
      assertThatThrownBy(
              () -> RawTls.to("127.0.0.1", server.port()).sni("b1.example.com").trust(CA).connect())
          .isInstanceOf(SSLException.class);
    }
  }

  /** Accepts one connection and reads one byte. */
  private static final class Server implements AutoCloseable {

    private final SSLServerSocket socket;
    private final CompletableFuture<SSLSession> session;

    Server() throws IOException {
      socket =
          (SSLServerSocket)
              Credentials.context(SERVER, CA)
                  .getServerSocketFactory()
                  .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
      socket.setWantClientAuth(true);
      session = CompletableFuture.supplyAsync(this::serve);
    }

    private SSLSession serve() {
      try (SSLSocket accepted = (SSLSocket) socket.accept()) {
        accepted.setSoTimeout(10_000);
        if (accepted.getInputStream().read() != 1) {
          throw new IllegalStateException("another byte");
        }
        accepted.setSoTimeout(100); // closing waits this long for the peer
        return accepted.getSession();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    int port() {
      return socket.getLocalPort();
    }

    ExtendedSSLSession session() throws Exception {
      return (ExtendedSSLSession) session.get(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
