package io.gatehouse.gateway;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.FuzzRig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random bytes of a client or a broker, in random pieces: the connection ends in time, without an
 * internal error and without a leaked buffer.
 */
@Tag("fuzz")
class SessionFuzz {

  /** Requests that the gateway inspects or answers: API key, version. */
  private static final int[][] APIS = {
    {0, 3},
    {0, 7},
    {0, 9},
    {0, 13},
    {1, 4},
    {1, 11},
    {1, 13},
    {1, 17},
    {3, 0},
    {3, 1},
    {3, 9},
    {3, 13},
    {10, 0},
    {10, 4},
    {10, 6},
    {17, 0},
    {17, 1},
    {18, 0},
    {18, 3},
    {18, 4},
    {32, 1},
    {32, 4},
    {36, 2},
    {55, 2},
    {60, 0},
    {60, 2},
    {69, 1},
    {78, 1},
    {79, 1},
    {Frames.UNKNOWN, 0}
  };

  private static FuzzRig rig;

  @BeforeAll
  static void start() {
    rig = FuzzRig.start();
  }

  @AfterAll
  static void stop() throws IOException {
    rig.close();
  }

  /** The first byte selects the sizes of the pieces. */
  @MethodSource("requests")
  @FuzzTest(maxDuration = "1m")
  void anyClient(byte[] bytes) {
    BugDetectors.allowNetworkConnections();
    client(bytes);
  }

  static void client(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    rig.client(Arrays.copyOfRange(bytes, 1, bytes.length), bytes[0] & 0xff);
  }

  /**
   * The first byte selects the request, the second the sizes of the pieces. The rest is the
   * response's body or, if the second byte is odd, all bytes of the broker.
   */
  @MethodSource("responses")
  @FuzzTest(maxDuration = "1m")
  void anyBroker(byte[] bytes) {
    BugDetectors.allowNetworkConnections();
    broker(bytes);
  }

  static void broker(byte[] bytes) {
    if (bytes.length < 2) {
      return;
    }
    byte[] request = request(bytes[0]);
    byte[] said = Arrays.copyOfRange(bytes, 2, bytes.length);
    if ((bytes[1] & 1) == 0) {
      said = Frames.framed(Frames.response(Frames.requestCorrelationId(request), said));
    }
    rig.broker(request, said, bytes[1] & 0xff);
  }

  static void awaitNothingLeft() {
    rig.awaitNothingLeft();
  }

  private static byte[] request(byte choice) {
    int[] api = APIS[(choice & 0xff) % APIS.length];
    return api[0] == Frames.UNKNOWN
        ? Frames.request(api[0], api[1], 7, new byte[] {1, 2, 3})
        : Frames.request(api[0], api[1], 7, Frames.newRequest(api[0], api[1]));
  }

  /** Seeds: one request of each kind, all of them pipelined, and bytes that are not a request. */
  static Stream<byte[]> requests() {
    Stream<byte[]> single =
        IntStream.range(0, APIS.length)
            .mapToObj(i -> after(new byte[] {(byte) i}, Frames.framed(request((byte) i))));
    byte[] all =
        Frames.framed(
            IntStream.range(0, APIS.length)
                .mapToObj(i -> request((byte) i))
                .toArray(byte[][]::new));
    return Stream.concat(
        single,
        Stream.of(
            new byte[0],
            after(new byte[] {0}, all),
            after(new byte[] {1}, all),
            new byte[] {0, 0x16, 3, 1, 2, 0},
            new byte[] {0, 'G', 'E', 'T', ' ', '/', ' ', 'H'},
            new byte[] {0, -1, -1, -1, -1},
            new byte[] {0, 0, 0, 0, 0},
            new byte[] {0, 0, 0, 0, 1, 1},
            new byte[] {0, 0x7f, -1, -1, -1, 0, 0, 0, 3, 0, 0, 0, 1}));
  }

  /** Seeds: one response to each request, and the same without its last byte. */
  static Stream<byte[]> responses() {
    return IntStream.range(0, APIS.length)
        .boxed()
        .flatMap(i -> {
          int[] api = APIS[i];
          byte[] response =
              api[0] == Frames.UNKNOWN
                  ? Frames.response(7, new byte[9])
                  : Frames.response(api[0], api[1], 7, Frames.newResponse(api[0], api[1]));
          byte[] head = {(byte) (int) i, 0};
          byte[] body = Frames.responseBody(response);
          return Stream.of(
              after(head, body), after(head, Arrays.copyOf(body, Math.max(0, body.length - 1))));
        });
  }

  private static byte[] after(byte[] head, byte[] tail) {
    return ByteBuffer.allocate(head.length + tail.length).put(head).put(tail).array();
  }
}
