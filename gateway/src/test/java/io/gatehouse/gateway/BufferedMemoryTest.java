package io.gatehouse.gateway;

import static io.gatehouse.gateway.fixture.Frames.DESCRIBE_CONFIGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.wire.tree.Struct;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** All buffered requests and responses are charged to one memory budget. */
class BufferedMemoryTest {

  private static final int KERNEL = 64 << 10;
  private static final int VERSION = 4;
  private static final byte BROKER = 4;
  private static final byte TOPIC = 2;
  private static final String METRIC = "gatehouse_buffered_bytes";

  /** About 8 MiB of a broker's configuration, with an address at its beginning. */
  private static Struct configs() {
    Struct body = Frames.newResponse(DESCRIBE_CONFIGS, VERSION);
    Struct result = body.addStruct("Results").set("ResourceType", BROKER).set("ResourceName", "1");
    result
        .addStruct("Configs")
        .set("Name", "advertised.listeners")
        .set("Value", "PLAINTEXT://broker-1.internal:9092");
    for (int i = 0; i < 270; i++) {
      result.addStruct("Configs").set("Name", "x" + i).set("Value", "v".repeat(30_000));
    }
    return body;
  }

  /** About 15 MiB: a topic's configuration for each of the 900 times that a request names it. */
  private static Struct configsOfOneTopic() {
    Struct body = Frames.newResponse(DESCRIBE_CONFIGS, VERSION);
    for (int i = 0; i < 900; i++) {
      Struct result = body.addStruct("Results").set("ResourceType", TOPIC).set("ResourceName", "t");
      for (int j = 0; j < 35; j++) {
        result.addStruct("Configs").set("Name", "x" + j).set("Value", "v".repeat(490));
      }
    }
    return body;
  }

  private static Struct request(byte type, String name, int times) {
    Struct body = Frames.newRequest(DESCRIBE_CONFIGS, VERSION);
    for (int i = 0; i < times; i++) {
      body.addStruct("Resources").set("ResourceType", type).set("ResourceName", name);
    }
    return body;
  }

  /** One event loop, which all clients share, and small socket buffers. */
  private static Setup setup(int limit) {
    return new Setup().eventLoops(1).kernelBuffers(KERNEL, KERNEL).buffered(limit, 512 << 20);
  }

  private static void awaitMemoryReleased(Rig rig) {
    Await.until(
        () -> rig.figures().value(METRIC) + " bytes are still held",
        () -> rig.figures().value(METRIC) == 0);
  }

  @Test
  void largeUnreadResponsesStayWithinTheMemoryLimit() throws Exception {
    staysWithinLimit(12, request(BROKER, "1", 1), configs());
  }

  @Test
  void smallRequestsWithLargeUnreadResponsesStayWithinTheMemoryLimit() throws Exception {
    staysWithinLimit(6, request(TOPIC, "t", 900), configsOfOneTopic());
  }

  /** Several clients send this request and do not read the response at first. */
  private static void staysWithinLimit(int clients, Struct asked, Struct told) throws Exception {
    int limit = 20 << 20;
    byte[] answer = Frames.response(DESCRIBE_CONFIGS, VERSION, 5, told);
    byte[] request = Frames.request(DESCRIBE_CONFIGS, VERSION, 5, asked);
    try (Rig rig = setup(limit).start()) {
      long before = PlatformDependent.usedDirectMemory();
      List<Rig.Pair> pairs = new ArrayList<>();
      List<Task<Boolean>> sending = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        Rig.Pair pair = rig.open();
        pairs.add(pair);
        pair.client().sendFrame(request);
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request);
        sending.add(Task.start(() -> pair.link().sendFrame(answer)));
      }
      Await.until(
          () -> "little is held: " + rig.figures().value(METRIC),
          () -> rig.figures().value(METRIC) > answer.length);

      // Other clients of the same loop are served meanwhile.
      Rig.Pair other = rig.open();
      for (int i = 0; i < 50; i++) {
        other.exchange(
            Frames.request(Frames.UNKNOWN, 0, 1, new byte[30]), Frames.response(1, new byte[3]));
      }
      assertThat(PlatformDependent.usedDirectMemory() - before)
          .as("direct memory taken")
          .isLessThan(limit + (12L << 20));

      // All get complete responses without a broker's address.
      for (Rig.Pair pair : pairs) {
        byte[] came = pair.client().readFrame(Duration.ofSeconds(30));
        Struct read = Frames.readResponse(DESCRIBE_CONFIGS, VERSION, came);
        List<Struct> results = read.getStructs("Results");
        assertThat(results).hasSameSizeAs(told.getStructs("Results"));
        List<Struct> configs = results.getLast().getStructs("Configs");
        List<Struct> expected = told.getStructs("Results").getLast().getStructs("Configs");
        assertThat(configs).hasSameSizeAs(expected);
        assertThat(configs.getFirst().getString("Value")).doesNotContain("internal");
        assertThat(configs.getLast()).isEqualTo(expected.getLast());
      }
      sending.forEach(Task::join);
      awaitMemoryReleased(rig);
    }
  }

  /**
   * Metadata responses must be buffered to rewrite broker addresses, and every client needs them.
   */
  @Test
  void metadataOfManyBrokersIsServedWhileSlowReadersExhaustTheLimit() throws Exception {
    int limit = 1 << 20;
    try (Rig rig = setup(limit).start()) {
      List<Rig.Pair> slow = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Rig.Pair pair = rig.open();
        slow.add(pair);
        byte[] request = Frames.request(Frames.UNKNOWN, 0, 1, new byte[3]);
        pair.client().sendFrame(request);
        assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request);
        var _ = Task.start(() -> pair.link().sendFrame(Frames.response(1, new byte[20 << 20])));
      }
      Await.until(
          () -> "the limit is not reached: " + rig.figures().value(METRIC),
          () -> rig.figures().value(METRIC) >= limit - (256 << 10));

      Struct body = Frames.newResponse(Frames.METADATA, 9);
      for (int id = 0; id < 5000; id++) {
        body.addStruct("Brokers")
            .set("NodeId", id)
            .set("Host", "broker-" + id + ".internal.example")
            .set("Port", 9092);
      }
      byte[] answer = Frames.response(Frames.METADATA, 9, 2, body);
      Rig.Pair pair = rig.open();
      byte[] request = Frames.request(Frames.METADATA, 9, 2, Frames.newRequest(Frames.METADATA, 9));
      pair.client().sendFrame(request);
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(request);
      var sending = Task.start(() -> pair.link().sendFrame(answer));
      byte[] came = pair.client().readFrame(Rig.LIMIT);
      assertThat(Frames.readResponse(Frames.METADATA, 9, came).getStructs("Brokers"))
          .hasSize(5000)
          .noneMatch(broker -> broker.getString("Host").contains("internal"));
      sending.join();
      for (Rig.Pair each : slow) {
        each.client().reset();
      }
      awaitMemoryReleased(rig);
    }
  }

  @Test
  void requestsThatWaitForMemoryStayWithinTheLimit() throws Exception {
    int limit = 2 << 20;
    int clients = 40;
    int requests = 3000;
    byte[][] all = new byte[requests][];
    Arrays.setAll(all, i -> Frames.request(Frames.UNKNOWN, 0, i, new byte[100]));
    byte[] asked = Frames.framed(all);
    try (Rig rig = setup(limit).inFlight(4).start()) {
      long before = PlatformDependent.usedDirectMemory();
      List<Rig.Pair> pairs = new ArrayList<>();
      List<Task<Boolean>> sending = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        Rig.Pair pair = rig.open();
        pairs.add(pair);
        sending.add(Task.start(() -> pair.client().send(asked)));
      }
      Await.until(
          () -> "nothing is held: " + rig.figures().value(METRIC),
          () -> rig.figures().value(METRIC) > limit / 2.0);
      rig.open()
          .exchange(
              Frames.request(Frames.UNKNOWN, 0, 1, new byte[30]), Frames.response(1, new byte[3]));
      assertThat(PlatformDependent.usedDirectMemory() - before)
          .as("direct memory taken")
          .isLessThan(2L * limit);

      List<Task<Boolean>> serving = new ArrayList<>();
      for (Rig.Pair pair : pairs.subList(0, 3)) {
        serving.add(Task.start(() -> serve(pair, requests)));
      }
      serving.forEach(Task::join);
      sending.subList(0, serving.size()).forEach(Task::join);
      for (Rig.Pair pair : pairs) {
        pair.client().reset();
      }
      awaitMemoryReleased(rig);
    }
  }

  private static void serve(Rig.Pair pair, int requests) throws IOException {
    for (int i = 0; i < requests; i++) {
      assertThat(Frames.requestCorrelationId(pair.link().readFrame(Rig.LIMIT))).isEqualTo(i);
      pair.link().sendFrame(Frames.response(i, new byte[10]));
      assertThat(Frames.responseCorrelationId(pair.client().readFrame(Rig.LIMIT))).isEqualTo(i);
    }
  }
}
