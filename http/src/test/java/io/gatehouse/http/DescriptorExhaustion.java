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
 * A process that runs out of file descriptors, and ends with 0 if its HTTP server recovers. Must be
 * run with a low limit of open files.
 */
final class DescriptorExhaustion {
  /** A client connects when no file descriptor is free; later some are free again. */
  static final String ALL = "all";

  /**
   * The first requests arrive when two file descriptors are free, for their connection and for the
   * check of the port.
   */
  static final String FIRST_REQUEST = "first-request";

  private static final List<String> PATHS =
      List.of("/health/ready", "/health", "/metrics", "/versions", "/nowhere");

  private DescriptorExhaustion() {}

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
          // Closing may need classes that cannot be loaded now.
          Runtime.getRuntime().halt(1);
        }
      }
    }
  }

  /** Loads the classes of the client. */
  private static void rehearse() throws IOException {
    try (var server = ServerSocketChannel.open().bind(null);
        var client = SocketChannel.open()) {
      // A virtual thread would load classes that the server must load itself.
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
    // Makes the server wait for the request.
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
    // Not closed, because that would free a file descriptor.
    return new String(answer.array(), 0, answer.position(), US_ASCII);
  }

  /** Waits, because the server closes its connection slightly after the client. */
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
      // Classes that are loaded now need no file descriptor later.
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

  /** Waits until a connection is dropped, because the listening socket was closed. */
  private static void knock(SocketChannel client, int port) {
    try {
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      if (client.read(ByteBuffer.allocate(1)) > 0) {
        throw new IllegalStateException("there was a file descriptor left");
      }
    } catch (IOException _) {
      // A reset has the same meaning.
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
