package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.tap.Tap;
import io.gatehouse.gateway.tap.TapFilter;
import io.gatehouse.gateway.tap.TapOptions;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.tree.Struct;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What taps show of traffic, and that taps never delay it. */
class TappedTrafficTest {

  private static final int DESCRIBE_CLUSTER = 60;

  private static Tap open(Rig rig, TapFilter filter, boolean bodies) {
    return Objects.requireNonNull(
        rig.gateway()
            .taps()
            .open(new TapOptions(filter, bodies, TapOptions.MAX_RATE, 0, Duration.ZERO)));
  }

  private static TapFilter apis(Integer... keys) {
    return new TapFilter(null, null, Set.of(keys));
  }

  private static String next(Tap tap) throws InterruptedException {
    return Objects.requireNonNull(tap.next(Rig.LIMIT), "no line");
  }

  private static byte[] createTopics(int correlationId) {
    Struct body = Frames.newRequest(Frames.CREATE_TOPICS, 5);
    Struct topic = body.addStruct("Topics").set("Name", "orders");
    topic.addStruct("Configs").set("Name", "ssl.key.password").set("Value", "hunter2");
    return Frames.request(Frames.CREATE_TOPICS, 5, correlationId, body);
  }

  @Test
  void showsRequestAndResponseWithTheirBodiesAndNoSecrets() throws Exception {
    byte[] request = createTopics(7);
    Struct answer = Frames.newResponse(Frames.CREATE_TOPICS, 5);
    answer.addStruct("Topics").set("Name", "orders").set("ErrorCode", (short) 36);
    byte[] response = Frames.response(Frames.CREATE_TOPICS, 5, 7, answer);
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      int port = pair.client().localAddress().getPort();
      try (Tap tap = open(rig, apis(Frames.CREATE_TOPICS), true)) {
        pair.exchange(request, response);

        assertThat(next(tap))
            .contains(
                "\"direction\":\"request\"",
                "\"client\":\"127.0.0.1:" + port + "\"",
                "\"api\":\"CreateTopics\",\"apiKey\":19,\"version\":5,\"correlationId\":7,\"bytes\":"
                    + (4 + request.length),
                "\"broker\":\"" + rig.broker().address() + "\"",
                "\"Name\":\"orders\"",
                "\"Name\":\"ssl.key.password\",\"Value\":\"<hidden>\"")
            .doesNotContain("hunter2", "latencyMs");
        assertThat(next(tap))
            .contains(
                "\"direction\":\"response\"",
                "\"bytes\":" + (4 + response.length),
                "\"latencyMs\":",
                "\"ErrorCode\":36");
      }
      assertThat(rig.gateway().taps().open()).isNull();
    }
  }

  @Test
  void showsBodiesOnlyIfRequested() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      try (Tap tap = open(rig, TapFilter.ALL, false)) {
        pair.exchange(
            Frames.request(Frames.UNKNOWN, 2, 5, new byte[3]), Frames.response(5, new byte[9]));
        assertThat(next(tap))
            .contains("\"api\":\"unknown\",\"apiKey\":700,\"version\":2,\"correlationId\":5")
            .doesNotContain("body");
        assertThat(next(tap)).contains("\"bytes\":17").doesNotContain("body");
      }
    }
  }

  @Test
  void showsOnlyTheRequestedClient() throws Exception {
    try (Rig rig = Rig.start()) {
      Rig.Pair one = rig.open();
      Rig.Pair other = rig.open();
      String address = "127.0.0.1:" + other.client().localAddress().getPort();
      TapFilter filter = new TapFilter(null, TapFilter.Client.of(address), Set.of());
      try (Tap tap = open(rig, filter, false)) {
        one.exchange(request(1), Frames.response(1, new byte[1]));
        other.exchange(request(2), Frames.response(2, new byte[1]));
        assertThat(next(tap)).contains(address, "\"correlationId\":2");
        assertThat(next(tap)).contains(address, "\"correlationId\":2");
        assertThat(tap.next(Duration.ZERO)).isNull();
      }
    }
  }

  /** Includes a connection's first request, whose client id was not parsed before. */
  @Test
  void findsClientsByTheirClientId() throws Exception {
    Struct body = Frames.newRequest(DESCRIBE_CLUSTER, 0);
    try (Rig rig = Rig.start()) {
      TapFilter filter = new TapFilter(null, TapFilter.Client.of("raw"), Set.of());
      try (Tap tap = open(rig, filter, false)) {
        rig.open();
        rig.begin(Frames.request(DESCRIBE_CLUSTER, 0, 1, body));
        assertThat(next(tap)).contains("\"clientId\":\"raw\"", "\"api\":\"DescribeCluster\"");
        assertThat(tap.next(Duration.ZERO)).isNull();
      }
    }
  }

  @Test
  void explainsWhyABodyIsNotShown() throws Exception {
    byte[] large = Frames.response(1, new byte[100_000]);
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      try (Tap tap = open(rig, TapFilter.ALL, true)) {
        pair.exchange(request(1), large);
        assertThat(next(tap))
            .contains("\"body\":\"not shown: 11 bytes of an unknown api or version\"");
        assertThat(next(tap)).contains("\"body\":\"not shown: 100004 bytes\"");
        pair.exchange(Frames.request(Frames.METADATA, 0, 2, new byte[] {1, 2}), metadata(2));
        assertThat(next(tap)).contains("\"body\":\"not shown: malformed, MetadataRequest v0: ");
        assertThat(next(tap)).contains("\"body\":{\"Brokers\":[],");
      }
    }
  }

  private static byte[] metadata(int correlationId) {
    return Frames.response(
        Frames.METADATA, 0, correlationId, Frames.newResponse(Frames.METADATA, 0));
  }

  /** The tap is not read, all requests are answered, and omitted frames are counted. */
  @Test
  void aReaderThatDoesNotReadDoesNotDelayTraffic() throws Exception {
    int requests = 3_000;
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      try (Tap tap = open(rig, TapFilter.ALL, true)) {
        List<byte[]> answers = new ArrayList<>();
        for (int i = 0; i < requests; i += 100) {
          exchange(pair, i, answers);
        }
        assertThat(answers).hasSize(requests);
        assertThat(rig.gateway().taps().queuedBytes()).isBetween(500_000L, 2L << 20);
        assertThat(next(tap)).contains("\"dropped\":").doesNotContain("\"dropped\":0");
      }
      Await.until(() -> "a tap is open", () -> rig.gateway().taps().open() == null);
      assertThat(rig.gateway().taps().queuedBytes()).isZero();
      pair.exchange(request(1), Frames.response(1, new byte[1]));
    }
  }

  private static void exchange(Rig.Pair pair, int from, List<byte[]> answers) throws Exception {
    RawClient client = pair.client();
    for (int i = from; i < from + 100; i++) {
      client.sendFrame(request(i));
    }
    for (int i = from; i < from + 100; i++) {
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request(i));
      pair.link().sendFrame(Frames.response(i, new byte[1]));
    }
    for (int i = from; i < from + 100; i++) {
      answers.add(client.readFrame(Rig.LIMIT));
    }
  }

  private static byte[] request(int correlationId) {
    return Frames.request(Frames.UNKNOWN, 0, correlationId, new byte[1]);
  }
}
