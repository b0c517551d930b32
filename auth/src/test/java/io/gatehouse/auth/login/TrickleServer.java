package io.gatehouse.auth.login;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Sends the head of an answer at once, and then its body slowly, byte by byte. */
public final class TrickleServer implements AutoCloseable {

  private final ServerSocket server;

  public TrickleServer() throws IOException {
    server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        Thread.startVirtualThread(() -> trickle(client));
      }
    } catch (IOException e) {
      // It was closed.
    }
  }

  private static void trickle(Socket client) {
    try (client;
        OutputStream out = client.getOutputStream()) {
      out.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".getBytes(US_ASCII));
      while (true) {
        out.write('x');
        out.flush();
        Thread.sleep(20);
      }
    } catch (IOException | InterruptedException e) {
      // The client has closed the connection.
    }
  }

  public String url() {
    return "http://127.0.0.1:" + server.getLocalPort() + "/token";
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
