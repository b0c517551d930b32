package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.GatewayProcess;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.RawClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process out of file descriptors logs that at once and with a rate limit, and recovers. */
class DescriptorsTest {

  private static final int MAX_DESCRIPTORS = 400;

  /** The default interval of the gateway's own metadata requests. */
  private static final Duration REFRESH = Duration.ofSeconds(45);

  @Test
  void aClientThatCannotBeServedIsDisconnectedAtOnceAndTheLogSaysWhy(@TempDir Path folder)
      throws Exception {
    Path log = folder.resolve("log");
    List<RawClient> idle = new ArrayList<>();
    try (FakeCluster cluster = FakeCluster.of(1);
        GatewayProcess gateway =
            GatewayProcess.withDescriptors(MAX_DESCRIPTORS, List.of(cluster.address(1)), 1, log)) {
      HostPort broker = gateway.broker(1);
      Await.until(() -> "not served", () -> FakeCluster.brokerAt(broker) == 1);

      RawClient served = RawClient.connect(broker.host(), broker.port());
      idle.add(served);
      // once the gateway's own request fails too, all descriptors are in use
      Await.within(
          REFRESH,
          () -> "it still has descriptors, with " + idle.size() + " connections",
          () -> {
            for (int i = 0; i < 20 && gateway.descriptors() < MAX_DESCRIPTORS; i++) {
              idle.add(RawClient.connect(broker.host(), broker.port()));
            }
            return Files.readString(log).contains("the cluster does not answer: no socket can");
          });
      for (int i = 0; i < 5; i++) {
        idle.add(
            RawClient.connect(
                broker.host(), broker.port())); // a connection for the acceptor to fail on
      }
      served.sendFrame(Frames.request(Frames.UNKNOWN, 0, 1, new byte[0]));

      served.expectClosed(Rig.LIMIT);
      Await.until(
          () -> "not in the log: " + idle.size() + " connections",
          () -> {
            String lines = Files.readString(log);
            return lines.contains(CloseReason.OUT_OF_DESCRIPTORS.text())
                && lines.contains("Too many open files")
                && lines.contains("connections wait to be accepted");
          });
      for (RawClient one : idle) {
        one.close();
      }
      Await.until(() -> "not served again", () -> FakeCluster.brokerAt(broker) == 1);
      assertThat(Files.readAllLines(log))
          .hasSizeLessThan(60)
          .noneMatch(line -> line.startsWith("\tat "));
    } finally {
      for (RawClient one : idle) {
        one.close();
      }
    }
  }
}
