package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;

/**
 * A process of its own that runs out of file descriptors and ends with 0 if its HTTP server serves
 * as it should. To be run with a low limit of open files.
 */
final class Starvation {
  /** A client knocks when there is none left; later there are some again. */
  static final String ALL = "all";

  /**
   * The first requests come when there are two left, for their connection and for the look at the
   * server's port.
   */
  static final String FIRST_REQUEST = "first-request";

  private static final List<String> PATHS =
      List.of("/health/ready", "/health", "/metrics", "/versions", "/nowhere");

  private Starvation() {}

  public static void main(String[] args) throws Exception {
    try {
      if (args[0].equals(FIRST_REQUEST)) {
        firstRequest();
      } else {
        allTaken();
      }
      System.exit(0);
    } catch (Exception | Error e) {
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  private static void firstRequest() throws Exception {
    try (var running = Running.usual()) {
      running.server.warmUp();
      var clients = new ArrayList<SocketChannel>();
      for (int i = 0; i < PATHS.size(); i++) {
        clients.add(SocketChannel.open());
      }
      rehearse();
      var files = takeAll();
      files.removeLast().close();
      files.removeLast().close();
      for (int i = 0; i < PATHS.size(); i++) {
        awaitTwoFree();
        var answer = ask(clients.get(i), running.server.port(), PATHS.get(i));
        if (!answer.startsWith(PATHS.get(i).equals("/nowhere") ? "HTTP/1.1 404" : "HTTP/1.1 200")) {
          System.out.println(PATHS.get(i) + " answers: " + answer);
          // Closing needs what may be missing now.
          Runtime.getRuntime().halt(1);
        }
      }
    }
  }

  /** Loads what this side of a conversation needs. */
  private static void rehearse() throws IOException {
    try (var server = ServerSocketChannel.open().bind(null);
        var client = SocketChannel.open()) {
      // Not a virtual one, which would load what the server's threads wait by.
      Thread.ofPlatform()
          .start(() -> {
            try (var accepted = server.accept()) {
              accepted.read(ByteBuffer.allocate(1024));
              accepted.write(ByteBuffer.wrap("HTTP/1.1 200".getBytes(US_ASCII)));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      ask(client, server.socket().getLocalPort(), "/");
    }
  }

  private static String ask(SocketChannel client, int port, String path) throws IOException {
    client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    // Slow enough for the server to wait for the request.
    client.socket().setSoTimeout(200);
    try {
      throw new IllegalStateException("came unasked: " + client.socket().getInputStream().read());
    } catch (SocketTimeoutException _) {
      client.configureBlocking(true);
    }
    var request = "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    client.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
    var answer = ByteBuffer.allocate(1 << 16);
    while (client.read(answer) >= 0 && answer.hasRemaining()) {
      // More may come.
    }
    // Not closed: its descriptor would be one more for those that come after.
    return new String(answer.array(), 0, answer.position(), US_ASCII);
  }

  /** The server closes its end of a connection a moment after the client has seen the end. */
  private static void awaitTwoFree() {
    while (true) {
      try (var _ = new FileInputStream("/dev/null");
          var _ = new FileInputStream("/dev/null")) {
        return;
      } catch (IOException _) {
        Thread.onSpinWait();
      }
    }
  }

  private static List<InputStream> takeAll() {
    var files = new ArrayList<InputStream>();
    try {
      while (files.size() < 10_000) {
        files.add(new FileInputStream("/dev/null"));
      }
      throw new IllegalStateException("the limit of open files is too high for this");
    } catch (IOException _) {
      return files;
    }
  }

  private static void allTaken() throws Exception {
    try (var running = Running.usual();
        var client = SocketChannel.open()) {
      // What is loaded now need not be loaded when no file can be opened.
      Logger.getLogger("io.helidon").severe("the accept loop will end in a moment");
      running.get("/health/ready");
      var port = running.server.port();

      var files = takeAll();
      knock(client, port);
      for (var file : files) {
        file.close();
      }
      await().atMost(Duration.ofSeconds(60)).until(() -> isReady(running));
    }
  }

  /**
   * Connects and waits for the connection to be dropped, which says that the listening socket is
   * gone.
   */
  private static void knock(SocketChannel client, int port) {
    try {
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      if (client.read(ByteBuffer.allocate(1)) > 0) {
        throw new IllegalStateException("there was a file descriptor left");
      }
    } catch (IOException _) {
      // Reset: the same.
    }
  }

  private static boolean isReady(Running running) {
    try {
      return running.get("/health/ready").body().equals("READY");
    } catch (AssertionError _) {
      return false;
    }
  }
}
