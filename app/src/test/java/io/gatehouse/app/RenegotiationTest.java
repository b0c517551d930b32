package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.testkit.pki.PemFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * TLS 1.2 clients cannot renegotiate, because a handshake costs the server more than the client.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RenegotiationTest {

  private static final Authority CA = Authority.create("Renegotiation CA");

  @TempDir Path folder;

  @Test
  void isRefusedByBoringSsl() throws Exception {
    try (ProgramProcess program = isRefusedBy("no part is left out")) {
      assertThat(program.output()).contains("Ready for new connections");
    }
  }

  @Test
  void isRefusedByTheJdk() throws Exception {
    try (ProgramProcess program = isRefusedBy("netty-tcnative")) {
      program.await("(WARN .*renegotiation is not allowed)");
    }
  }

  /** Returns the running program. */
  private ProgramProcess isRefusedBy(String partLeftOut) throws Exception {
    Credentials shown = CA.server();
    PemFiles files = shown.writePem(Files.createDirectories(folder.resolve("certs")));
    Path config =
        Files.writeString(
            folder.resolve("gatehouse.yaml"),
            """
            upstream: {bootstrapServers: "127.0.0.1:1"}
            listeners:
              - mapping: [{broker: "127.0.0.1:1", listen: "127.0.0.1:0"}]
                tls: {certificate: "%s", key: "%s"}
            http: {enabled: false}
            """
                .formatted(files.chain(), files.key()));
    ProgramProcess program =
        ProgramProcess.startWithout(partLeftOut, Map.of(), "run", "--config", config.toString());
    try {
      int port = Integer.parseInt(program.await("clients bootstrap at [\\w.]+:(\\d+)"));
      try (SSLSocket socket = connect(port)) {
        socket.startHandshake();
        assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
        socket.startHandshake();
        Throwable end =
            catchThrowable(() -> assertThat(socket.getInputStream().read()).isNegative());
        assertThat(end).isNotInstanceOf(SocketTimeoutException.class);
        if (end != null) {
          assertThat(end).isInstanceOf(IOException.class);
        }
      }
      return program;
    } catch (Exception | AssertionError e) {
      program.close();
      throw e;
    }
  }

  private static SSLSocket connect(int port) throws Exception {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    java.security.KeyStore store = java.security.KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("ca", CA.certificate());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLSv1.2");
    context.init(null, trust.getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    return socket;
  }
}
