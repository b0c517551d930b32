package io.gatehouse.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Scripts;
import io.gatehouse.gateway.link.Connector;
import io.gatehouse.gateway.net.Budget;
import io.gatehouse.gateway.net.Dialer;
import io.gatehouse.gateway.net.Loops;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.SocketSettings;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.testkit.FakeBroker;
import io.gatehouse.testkit.FakeBroker.Reply;
import io.gatehouse.testkit.FakeBroker.Request;
import io.gatehouse.wire.tree.Struct;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whatever a cluster answers, it is asked again. */
class ClusterWatchTest {

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration REFRESH = Duration.ofMillis(20);
  private static final SocketSettings.Side SIDE = SocketSettings.Side.DEFAULT;

  private final AtomicInteger asked = new AtomicInteger();

  /** Answers with broker 1 and what is added to it. */
  private Reply answer(Request request, Consumer<Struct> more) {
    asked.incrementAndGet();
    Struct response = Frames.newResponse(Frames.METADATA, 1);
    add(response, 1, "one.internal", 9092);
    more.accept(response);
    return Reply.frame(Frames.response(Frames.METADATA, 1, request.correlationId(), response));
  }

  private static void add(Struct response, int id, String host, int port) {
    response.addStruct("Brokers").set("NodeId", id).set("Host", host).set("Port", port);
  }

  private static Cluster cluster(FakeBroker broker) {
    return new Cluster(List.of(Scripts.address(broker)), PATIENCE.toMillis());
  }

  private static ClusterWatch watch(Cluster cluster, Loops loops) {
    Sockets sockets = new Sockets(loops, new SocketSettings(SIDE, SIDE, 16, 1));
    UpstreamSettings settings =
        new UpstreamSettings(cluster.bootstrapServers(), Map.of(), "gatehouse", REFRESH);
    Connector connector =
        new Connector(settings, new Dialer(sockets, Map.of(), null, PATIENCE), null, PATIENCE);
    return new ClusterWatch(cluster, connector, loops.next(), false);
  }

  private void awaitAsked(int times) {
    Await.until(() -> "asked " + asked + " of " + times + " times", () -> asked.get() >= times);
  }

  @Test
  void whatIsNoAddressIsPassedOverAndMentionedOnce() {
    try (LogLines log = LogLines.of("io.gatehouse.gateway.route");
        FakeBroker broker =
            FakeBroker.start(request ->
                answer(
                    request,
                    response -> {
                      add(response, 2, "", 9092);
                      add(response, 3, "three.internal", 65_536);
                      add(response, -4, "four.internal", 9092);
                      add(response, 5, "five.internal", 9092);
                    }));
        Loops loops = new Loops(1, new Budget(1 << 20))) {
      Cluster cluster = cluster(broker);
      try (ClusterWatch watch = watch(cluster, loops)) {
        watch.start();

        awaitAsked(5);

        Await.until(() -> String.valueOf(watch.failure()), () -> watch.failure() == null);
        assertThat(cluster.brokers())
            .isEqualTo(
                Map.of(
                    1, new HostPort("one.internal", 9092), 5, new HostPort("five.internal", 9092)));
        assertThat(log.lines())
            .filteredOn(line -> line.contains("no address"))
            .singleElement()
            .asString()
            .startsWith("WARN")
            .contains("broker 2 at ':9092'", "three.internal:65536", "broker -4");
      }
    }
  }

  @Test
  void aFailureInTheGatewayItselfEndsNothing() {
    try (LogLines log = LogLines.of("io.gatehouse.gateway.route");
        FakeBroker broker = FakeBroker.start(request -> answer(request, response -> {}));
        Loops loops = new Loops(1, new Budget(1 << 20))) {
      Cluster cluster = cluster(broker);
      AtomicInteger told = new AtomicInteger();
      cluster.onBroker(id -> {
        if (told.incrementAndGet() == 2) {
          throw new IllegalStateException("no port for broker " + id);
        }
      });
      try (ClusterWatch watch = watch(cluster, loops)) {
        watch.start();

        awaitAsked(3);

        log.await("no port for broker 1");
        Await.until(() -> String.valueOf(watch.failure()), () -> watch.failure() == null);
      }
    }
  }
}
