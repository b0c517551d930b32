package io.gatehouse.gateway;

import static io.gatehouse.gateway.fixture.Frames.API_VERSIONS;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.tree.Struct;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clients that pipeline many small requests do not starve others on the same event loop. */
class FairnessTest {

  private static final int VERSION = 4;
  private static final int MANY = 10_000;
  private static final int HEARTBEAT = 12;

  private static byte[] request(int correlationId) {
    Struct body =
        Frames.newRequest(API_VERSIONS, VERSION)
            .set("ClientSoftwareName", "raw")
            .set("ClientSoftwareVersion", "1");
    return Frames.request(API_VERSIONS, VERSION, correlationId, body);
  }

  /** As long as a broker's ApiVersions response. */
  private static Struct answer() {
    Struct body = Frames.newResponse(API_VERSIONS, VERSION);
    for (int key = 0; key < 80; key++) {
      body.addStruct("ApiKeys").set("ApiKey", key).set("MinVersion", 0).set("MaxVersion", 99);
    }
    for (int i = 0; i < 10; i++) {
      body.addStruct("SupportedFeatures").set("Name", "feature." + i).set("MaxVersion", (short) 3);
    }
    return body;
  }

  private static byte[] requests(int from, int count) {
    byte[][] all = new byte[count][];
    Arrays.setAll(all, i -> request(from + i));
    return Frames.framed(all);
  }

  /** Answers requests until the gateway closes the connection. */
  private static void serve(RawClient link) throws IOException {
    byte[] body = Frames.responseBody(Frames.response(API_VERSIONS, VERSION, 0, answer()));
    try {
      while (true) {
        byte[] request = link.readFrame(Duration.ofMinutes(1));
        link.sendFrame(Frames.response(Frames.requestCorrelationId(request), body));
      }
    } catch (IOException e) {
      // the end
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredCompletelyAndInOrder() throws Exception {
    try (Rig rig = new Setup().eventLoops(1).start()) {
      Rig.Pair pair = rig.open();
      var serving = Task.start(() -> serve(pair.link()));
      var sending =
          Task.start(() -> {
            pair.client().send(requests(0, MANY));
            var _ = pair.client().finish();
          });
      for (int i = 0; i < MANY; i++) {
        byte[] frame = pair.client().readFrame(Rig.LIMIT);
        assertThat(Frames.responseCorrelationId(frame)).isEqualTo(i);
        assertThat(frame).hasSizeGreaterThan(300);
      }
      pair.client().expectClosed(Rig.LIMIT);
      sending.join();
      serving.join();
    }
  }

  @Test
  void aClientThatSendsApiVersionsEndlesslyAndReadsNothingDoesNotStarveOthers() throws Exception {
    int clients = 8;
    int exchanges = 40;
    try (Rig rig = new Setup().start()) {
      Rig.Pair other = rig.open();
      byte[] asked = requests(0, MANY / 2);
      List<Task<Boolean>> flood = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        Rig.Pair pair = rig.open();
        flood.add(Task.start(() -> serve(pair.link())));
        flood.add(
            Task.start(() -> {
              try {
                pair.client().send(asked);
              } catch (SocketException e) {
                // closed at the end of the test, while sending
              }
            }));
      }
      byte[] request =
          Frames.request(HEARTBEAT, 4, 7, Frames.newRequest(HEARTBEAT, 4).set("GroupId", "g"));
      byte[] response = Frames.response(HEARTBEAT, 4, 7, Frames.newResponse(HEARTBEAT, 4));
      for (int i = 0; i < exchanges; i++) {
        other.exchange(request, response);
      }
      double seconds = rig.figures().value("gatehouse_request_gateway_seconds", "api", "Heartbeat");
      assertThat(seconds / exchanges).as("seconds in the gateway, each").isLessThan(0.05);
      assertThat(flood).isNotEmpty();
    }
  }
}
