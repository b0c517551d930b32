package io.gatehouse.gateway.security;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.pki.Credentials;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;

/**
 * A forward proxy, SOCKS5 (RFC 1928, 1929) or HTTP CONNECT, that connects all clients to one
 * address.
 */
final class ProxyServer implements AutoCloseable {

  /** Its protocol. */
  enum Kind {
    SOCKS5,
    HTTP
  }

  /** How it answers. */
  enum Behaviour {
    OBLIGING,
    /** Refuses. */
    REFUSING,
    /** Does not answer. */
    SILENT
  }

  private static final int SOCKS = 5;
  private static final int PASSWORD = 2;
  private static final int NOBODY = 0xff;
  private static final int NAME = 3;

  private final ServerSocket server;
  private final Kind kind;
  private final Behaviour mood;
  private final @Nullable String credentials;
  private final HostPort leadsTo;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Collection<Socket> open = new ConcurrentLinkedQueue<>();

  /**
   * @param credentials {@code user:password}, or null to accept all clients
   */
  ProxyServer(Kind kind, Behaviour mood, @Nullable String credentials, HostPort leadsTo)
      throws IOException {
    this(
        kind,
        mood,
        credentials,
        leadsTo,
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
  }

  /** An HTTP proxy over TLS that accepts all clients. */
  static ProxyServer overTls(Credentials shown, @Nullable String credentials, HostPort leadsTo)
      throws IOException {
    ServerSocket server =
        Credentials.context(shown)
            .getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    return new ProxyServer(Kind.HTTP, Behaviour.OBLIGING, credentials, leadsTo, server);
  }

  private ProxyServer(
      Kind kind,
      Behaviour mood,
      @Nullable String credentials,
      HostPort leadsTo,
      ServerSocket server) {
    this.kind = kind;
    this.mood = mood;
    this.credentials = credentials;
    this.leadsTo = leadsTo;
    this.server = server;
    Thread.ofVirtual().start(this::accept);
  }

  /** Its URL as in a configuration. */
  String url(@Nullable String as) {
    String scheme =
        kind == Kind.SOCKS5 ? "socks5" : server instanceof SSLServerSocket ? "https" : "http";
    return scheme
        + "://"
        + (as == null ? "" : as + "@")
        + (scheme.equals("https") ? "localhost:" : "127.0.0.1:")
        + server.getLocalPort();
  }

  /** The requested targets, {@code host:port}. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      boolean led = kind == Kind.HTTP ? http(client) : socks(client);
      if (mood == Behaviour.SILENT) {
        client.getInputStream().transferTo(OutputStream.nullOutputStream());
      } else if (led) {
        try (Socket broker = new Socket(leadsTo.host(), leadsTo.port())) {
          open.add(broker);
          Thread back = Thread.ofVirtual().start(() -> pump(broker, client));
          pump(client, broker);
          back.join();
        }
      }
    } catch (IOException e) {
      // one of them is gone
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // gone
    }
  }

  private boolean http(Socket client) throws IOException {
    String head = head(client.getInputStream());
    List<String> lines = head.lines().toList();
    String[] words = lines.getFirst().split(" ", -1);
    if (!words[0].equals("CONNECT")) {
      throw new IOException("not CONNECT but " + words[0]);
    }
    String expected =
        credentials == null
            ? null
            : "Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    boolean known =
        expected == null
            || lines.stream()
                .anyMatch(line -> line.equalsIgnoreCase("proxy-authorization: " + expected));
    if (mood == Behaviour.SILENT) {
      return false;
    }
    if (!known || mood == Behaviour.REFUSING) {
      reply(client, "HTTP/1.1 " + (known ? "403 Forbidden" : "407 Proxy Authentication Required"));
      return false;
    }
    asked.add(words[1]);
    reply(client, "HTTP/1.1 200 Connection established");
    return true;
  }

  private static void reply(Socket client, String line) throws IOException {
    client.getOutputStream().write((line + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      head.write(next);
    }
    return head.toString(StandardCharsets.US_ASCII);
  }

  private boolean socks(Socket client) throws IOException {
    DataInputStream in = new DataInputStream(client.getInputStream());
    OutputStream out = client.getOutputStream();
    expect(SOCKS, in.readByte());
    byte[] methods = new byte[in.readUnsignedByte()];
    in.readFully(methods);
    if (mood == Behaviour.SILENT) {
      return false;
    }
    int wanted = credentials == null ? 0 : PASSWORD;
    boolean offered = false;
    for (byte method : methods) {
      offered |= method == wanted;
    }
    out.write(new byte[] {SOCKS, (byte) (offered ? wanted : NOBODY)});
    if (!offered) {
      return false;
    }
    if (credentials != null) {
      expect(1, in.readByte());
      String said = text(in) + ":" + text(in);
      out.write(new byte[] {1, (byte) (said.equals(credentials) ? 0 : 1)});
      if (!said.equals(credentials)) {
        return false;
      }
    }
    expect(SOCKS, in.readByte());
    expect(1, in.readByte());
    in.readByte();
    String host =
        in.readByte() == NAME
            ? text(in)
            : InetAddress.getByAddress(in.readNBytes(4)).getHostAddress();
    String target = host + ":" + in.readUnsignedShort();
    boolean refused = mood == Behaviour.REFUSING;
    out.write(new byte[] {SOCKS, (byte) (refused ? 2 : 0), 0, 1, 0, 0, 0, 0, 0, 0});
    if (!refused) {
      asked.add(target);
    }
    return !refused;
  }

  private static String text(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readUnsignedByte()];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void expect(int expected, byte came) throws IOException {
    if (came != expected) {
      throw new IOException(came + " came instead of " + expected);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
