package io.gatehouse.gateway.tenant;

import io.gatehouse.gateway.fixture.Chunks;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.testkit.RawClient;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A client and its broker connection, which is opened at the first request. */
final class Talk implements AutoCloseable {

  private static final int PIECE = 64 << 10;
  private final Rig rig;
  private final RawClient client;
  private Rig.@Nullable Pair pair;

  Talk(Rig rig) throws IOException {
    this.rig = rig;
    client = rig.connect();
  }

  RawClient client() {
    return client;
  }

  /** Sends a request in pieces and returns what the broker gets. */
  byte[] ask(byte[] request, RandomGenerator random, String what) throws IOException {
    Task<Boolean> sending = Task.start(() -> Chunks.send(client, Frames.framed(request), random));
    try {
      Rig.Pair open = pair;
      if (open == null) {
        open = new Rig.Pair(client, rig.broker().accept());
        pair = open;
      }
      byte[] came = open.link().readFrame(Rig.LIMIT);
      var _ = sending.join();
      return came;
    } catch (IOException e) {
      throw new AssertionError(what + ": the broker got no request", e);
    }
  }

  void answer(byte[] response, RandomGenerator random) {
    RawClient link = Objects.requireNonNull(pair).link();
    var _ =
        Task.start(() -> {
          try {
            Chunks.send(link, Frames.framed(response), random);
          } catch (SocketException e) {
            // The gateway has closed the connection because of the beginning.
          }
        });
  }

  /** The response, or no bytes if the gateway closes the connection. */
  byte[] readOrEnd() throws IOException {
    try {
      return client.readFrame(Rig.LIMIT);
    } catch (EOFException | SocketException e) {
      return new byte[0];
    }
  }

  /** All bytes that come until a whole response has, or the gateway closes the connection. */
  String readAll() throws IOException {
    StringBuilder all = new StringBuilder();
    try {
      int left = ByteBuffer.wrap(client.read(4, Rig.LIMIT)).getInt();
      byte[] piece = new byte[PIECE];
      while (left > 0) {
        int count = client.socket().getInputStream().read(piece, 0, Math.min(left, PIECE));
        if (count < 0) {
          break;
        }
        all.append(new String(piece, 0, count, StandardCharsets.ISO_8859_1));
        left -= count;
      }
    } catch (EOFException | SocketException e) {
      // What was read before counts.
    }
    return all.toString();
  }

  @Override
  public void close() throws IOException {
    client.close();
    if (pair != null) {
      pair.link().close();
    }
  }
}
