package io.gatehouse.http;

import static org.awaitility.Awaitility.await;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.logging.Logger;

/**
 * A process of its own that runs out of file descriptors while a client knocks, has some again, and
 * ends with 0 if its HTTP server then answers. To be run with a low limit of open files.
 */
final class Starvation {
  private Starvation() {}

  public static void main(String[] args) throws Exception {
    try (var running = Running.usual();
        var client = SocketChannel.open()) {
      // What is loaded now need not be loaded when no file can be opened.
      Logger.getLogger("io.helidon").severe("the accept loop will end in a moment");
      running.get("/health/ready");
      var port = running.server.port();

      var files = new ArrayList<InputStream>();
      try {
        while (files.size() < 10_000) {
          files.add(new FileInputStream("/dev/null"));
        }
        throw new IllegalStateException("the limit of open files is too high for this");
      } catch (IOException _) {
        knock(client, port);
      }
      for (var file : files) {
        file.close();
      }
      await().atMost(Duration.ofSeconds(60)).until(() -> isReady(running));
    }
    System.exit(0);
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
