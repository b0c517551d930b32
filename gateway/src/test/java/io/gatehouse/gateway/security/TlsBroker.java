package io.gatehouse.gateway.security;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A TLS broker that echoes the bytes after each request's correlation id. */
final class TlsBroker implements AutoCloseable {

  private final SSLServerSocket server;
  private final List<String> names = new CopyOnWriteArrayList<>();
  private final Collection<SSLSocket> open = new ConcurrentLinkedQueue<>();

  /**
   * @param clients trusted client certificates; none are requested if it is null
   */
  TlsBroker(Credentials shown, Authority... clients) throws IOException {
    server =
        (SSLServerSocket)
            Credentials.context(shown, clients)
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    server.setNeedClientAuth(clients.length > 0);
    Thread.ofVirtual().start(this::accept);
  }

  HostPort address() {
    return new HostPort("127.0.0.1", server.getLocalPort());
  }

  /** The server names of connections, empty for none. */
  List<String> names() {
    return List.copyOf(names);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        SSLSocket socket = (SSLSocket) server.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> echo(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void echo(SSLSocket socket) {
    try (socket;
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream())) {
      socket.startHandshake();
      List<SNIServerName> asked =
          ((ExtendedSSLSession) socket.getSession()).getRequestedServerNames();
      names.add(asked.isEmpty() ? "" : ((SNIHostName) asked.getFirst()).getAsciiName());
      while (true) {
        byte[] request = new byte[in.readInt()];
        in.readFully(request);
        byte[] answer = Arrays.copyOfRange(request, 4, request.length);
        out.writeInt(answer.length);
        out.write(answer);
        out.flush();
      }
    } catch (IOException e) {
      // the peer has closed or was refused
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SSLSocket socket : open) {
      socket.close();
    }
  }
}
