package io.gatehouse.app.seeds;

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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A forward proxy with a password. */
final class TestForwardProxy implements AutoCloseable {

  private static final String USER = "proxy-user";
  private static final String PASSWORD = "proxy-pass";
  private static final int SOCKS = 5;
  private static final int BY_PASSWORD = 2;
  private static final int NAME = 3;

  private final ServerSocket server;
  private final String scheme;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  /**
   * @param scheme {@code socks5} (RFC 1928, 1929) or {@code http} (CONNECT)
   */
  TestForwardProxy(String scheme) throws IOException {
    this.scheme = scheme;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** The URL of the proxy with this password. */
  String url(boolean right) {
    return "%s://%s:%s@127.0.0.1:%d"
        .formatted(scheme, USER, right ? PASSWORD : "wrong", server.getLocalPort());
  }

  /** The targets of connections, {@code host:port}. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket client) {
    try (client) {
      String target = scheme.equals("http") ? http(client) : socks(client);
      if (!target.isEmpty()) {
        asked.add(target);
        int colon = target.lastIndexOf(':');
        try (Socket broker =
            new Socket(target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)))) {
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

  private static String http(Socket client) throws IOException {
    List<String> lines = head(client.getInputStream()).lines().toList();
    String pair =
        Base64.getEncoder()
            .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    boolean known =
        lines.stream()
            .anyMatch(line -> line.equalsIgnoreCase("proxy-authorization: Basic " + pair));
    String answer = known ? "200 Connection established" : "407 Proxy Authentication Required";
    client
        .getOutputStream()
        .write(("HTTP/1.1 " + answer + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    return known ? lines.getFirst().split(" ", -1)[1] : "";
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static String socks(Socket client) throws IOException {
    DataInputStream in = new DataInputStream(client.getInputStream());
    OutputStream out = client.getOutputStream();
    in.skipNBytes(1);
    in.skipNBytes(in.readUnsignedByte());
    out.write(new byte[] {SOCKS, BY_PASSWORD});
    in.skipNBytes(1);
    String said = text(in) + ":" + text(in);
    boolean known = said.equals(USER + ":" + PASSWORD);
    out.write(new byte[] {1, (byte) (known ? 0 : 1)});
    if (!known) {
      return "";
    }
    in.skipNBytes(3);
    String host =
        in.readByte() == NAME
            ? text(in)
            : InetAddress.getByAddress(in.readNBytes(4)).getHostAddress();
    String target = host + ":" + in.readUnsignedShort();
    out.write(new byte[] {SOCKS, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    return target;
  }

  private static String text(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readUnsignedByte()];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
