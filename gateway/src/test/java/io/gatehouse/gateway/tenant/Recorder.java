package io.gatehouse.gateway.tenant;

import io.gatehouse.wire.schema.Schemas;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Stands between clients and a gateway, on the ports that the gateway advertises, and keeps every
 * byte in both directions. It tells which responses contain what its clients must not learn.
 */
final class Recorder implements AutoCloseable {

  private static final int PIECE = 64 << 10;

  /** Bytes shown on both sides of a leak. */
  private static final int AROUND = 60;

  private final List<ServerSocket> servers = new ArrayList<>();
  private final Collection<Connection> connections = new ConcurrentLinkedQueue<>();

  /**
   * Bytes that clients must not receive.
   *
   * @param name for messages
   * @param bytes each a char
   */
  record Canary(String name, String bytes) {

    static Canary of(String text) {
      return of(text, text.getBytes(StandardCharsets.UTF_8));
    }

    static Canary of(String name, byte[] bytes) {
      return new Canary(name, new String(bytes, StandardCharsets.ISO_8859_1));
    }
  }

  /**
   * A place where a canary was seen.
   *
   * @param response the API, its version and the correlation id
   * @param offset in the frame, after its length
   */
  record Leak(String canary, String response, int offset, String around) {}

  /** Starts to listen on these ports of 127.0.0.1 and forwards to others of it. */
  Recorder(Map<Integer, Integer> ports) throws IOException {
    for (Map.Entry<Integer, Integer> each : ports.entrySet()) {
      ServerSocket server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), each.getKey()));
      servers.add(server);
      Thread.ofVirtual().start(() -> accept(server, each.getValue()));
    }
  }

  private void accept(ServerSocket server, int target) {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Socket gateway = new Socket();
        Connection connection = new Connection(client, gateway);
        connections.add(connection);
        Thread.ofVirtual().start(() -> connection.run(target));
      } catch (IOException e) {
        // The server is closed, or the client has gone already.
      }
    }
  }

  /** All leaks until now. Call it when the clients are closed, or expect no response. */
  List<Leak> leaks(Collection<Canary> canaries) {
    List<Leak> leaks = new ArrayList<>();
    for (Connection connection : connections) {
      connection.find(canaries, leaks);
    }
    return leaks;
  }

  /** Forgets what has been recorded of clients, which are closed. */
  void forget() {
    connections.clear();
  }

  /** Number of responses recorded, by the name of their API. */
  Map<String, Integer> responses() {
    Map<String, Integer> counts = new HashMap<>();
    for (Connection connection : connections) {
      for (String api : connection.frames().keySet()) {
        counts.merge(api.substring(0, api.indexOf(' ')), 1, Integer::sum);
      }
    }
    return counts;
  }

  @Override
  public void close() {
    try {
      for (ServerSocket server : servers) {
        server.close();
      }
      for (Connection connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bytes of one direction. */
  private static final class Direction {
    private byte[] bytes = new byte[1024];
    private int size;

    synchronized void add(byte[] piece, int count) {
      if (bytes.length - size < count) {
        bytes = java.util.Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + count));
      }
      System.arraycopy(piece, 0, bytes, size, count);
      size += count;
    }

    /** The frames without their lengths, the last one perhaps incomplete; each byte a char. */
    synchronized List<String> frames() {
      List<String> frames = new ArrayList<>();
      for (int at = 0; at + 4 <= size; ) {
        int length = java.nio.ByteBuffer.wrap(bytes).getInt(at);
        int stop = length < 0 ? size : (int) Math.min(size, at + 4L + length);
        frames.add(new String(bytes, at + 4, stop - at - 4, StandardCharsets.ISO_8859_1));
        at = stop;
      }
      return frames;
    }
  }

  private static final class Connection {
    final Socket client;
    final Socket gateway;
    final Direction requests = new Direction();
    final Direction responses = new Direction();

    Connection(Socket client, Socket gateway) {
      this.client = client;
      this.gateway = gateway;
    }

    void run(int target) {
      try {
        gateway.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
        client.setTcpNoDelay(true);
        gateway.setTcpNoDelay(true);
      } catch (IOException e) {
        close();
        return;
      }
      Thread.ofVirtual().start(() -> forward(client, gateway, requests));
      forward(gateway, client, responses);
    }

    private void forward(Socket from, Socket to, Direction record) {
      byte[] piece = new byte[PIECE];
      try {
        while (true) {
          int count = from.getInputStream().read(piece);
          if (count < 0) {
            break;
          }
          record.add(piece, count);
          to.getOutputStream().write(piece, 0, count);
        }
      } catch (IOException e) {
        // One side has closed, and so does the other.
      }
      close();
    }

    void close() {
      try {
        client.close();
        gateway.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** The responses by API, version and correlation id. */
    Map<String, String> frames() {
      Map<Integer, String> apis = new HashMap<>();
      for (String request : requests.frames()) {
        if (request.length() >= 8) {
          int key = number(request, 0) >>> 16;
          String name = Objects.requireNonNullElse(Schemas.get().apiName(key), "?");
          int version = number(request, 0) & 0xffff;
          apis.put(number(request, 4), name + " v" + version + " #" + number(request, 4));
        }
      }
      Map<String, String> frames = new HashMap<>();
      for (String response : responses.frames()) {
        int id = response.length() >= 4 ? number(response, 0) : -1;
        frames.merge(apis.getOrDefault(id, "? #" + id), response, String::concat);
      }
      return frames;
    }

    private static int number(String frame, int at) {
      return frame.charAt(at) << 24
          | frame.charAt(at + 1) << 16
          | frame.charAt(at + 2) << 8
          | frame.charAt(at + 3);
    }

    void find(Collection<Canary> canaries, List<Leak> leaks) {
      frames()
          .forEach((api, frame) -> {
            for (Canary canary : canaries) {
              String wanted = canary.bytes();
              int at = frame.indexOf(wanted);
              if (at >= 0) {
                String around =
                    frame.substring(
                        Math.max(0, at - AROUND),
                        Math.min(frame.length(), at + wanted.length() + AROUND));
                leaks.add(new Leak(canary.name(), api, at, around.replaceAll("[^ -~]", "·")));
              }
            }
          });
    }
  }
}
