package io.gatehouse.gateway.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Scripts;
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
import io.gatehouse.testkit.FakeBroker.Then;
import io.gatehouse.testkit.Ports;
import io.gatehouse.wire.tree.Struct;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The gateway's own requests to a cluster, their retries and failures. */
class ClusterWatchTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int SASL_HANDSHAKE = 17;
  private static final Duration REFRESH = Duration.ofMillis(20);
  private static final SocketSettings.Side SIDE = SocketSettings.Side.DEFAULT;

  private final AtomicInteger asked = new AtomicInteger();

  /** Answers with broker 1 and additional brokers. */
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
    return new Cluster(List.of(Scripts.address(broker)), NodeIds.OWN, () -> TIMEOUT);
  }

  private static ClusterWatch watch(Cluster cluster, Loops loops) {
    Sockets sockets = new Sockets(loops, new SocketSettings(SIDE, SIDE, 16, 1));
    UpstreamSettings settings =
        new UpstreamSettings(cluster.bootstrapServers(), Map.of(), "gatehouse", REFRESH);
    Connector connector =
        new Connector(
            settings,
            new Dialer(sockets, Map.of(), null, () -> TIMEOUT),
            Connector.Opened.NONE,
            () -> TIMEOUT);
    return new ClusterWatch(cluster, connector, loops.next(), new ClusterWatch.Needs(false, true));
  }

  private void awaitAsked(int times) {
    Await.until(() -> "asked " + asked + " of " + times + " times", () -> asked.get() >= times);
  }

  @Test
  void invalidAddressesAreIgnoredAndLoggedOnce() {
    try (LogLines log = LogLines.of("io.gatehouse.gateway.cluster");
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

        Await.until(
            () -> watch.state("main", true).toString(), () -> watch.state("main", true).isUp());
        assertThat(cluster.brokers())
            .isEqualTo(
                Map.of(
                    1, new HostPort("one.internal", 9092), 5, new HostPort("five.internal", 9092)));
        assertThat(log.lines())
            .filteredOn(line -> line.contains("without a usable address"))
            .singleElement()
            .asString()
            .startsWith("WARN")
            .contains("broker 2 at ':9092'", "three.internal:65536", "broker -4");
      }
    }
  }

  @Test
  void anInternalFailureDoesNotStopTheRequests() {
    try (LogLines log = LogLines.of("io.gatehouse.gateway.cluster");
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
        Await.until(
            () -> watch.state("main", true).toString(), () -> watch.state("main", true).isUp());
      }
    }
  }

  /** Like a SASL listener: closes connections whose first request is not a SASL request. */
  private Reply requiresLogin(Request request) {
    asked.incrementAndGet();
    if (request.apiKey() != SASL_HANDSHAKE) {
      return Reply.nothing().then(Then.FIN);
    }
    Struct response =
        Frames.newResponse(SASL_HANDSHAKE, 1)
            .set("ErrorCode", (short) 33)
            .set("Mechanisms", List.of("PLAIN"));
    return Reply.frame(Frames.response(SASL_HANDSHAKE, 1, request.correlationId(), response))
        .then(Then.FIN);
  }

  @Test
  void aClusterThatRequiresALoginIsNotAskedAgain() throws Exception {
    try (LogLines log = LogLines.of("io.gatehouse.gateway.cluster");
        FakeBroker broker = FakeBroker.start(this::requiresLogin);
        Loops loops = new Loops(1, new Budget(1 << 20))) {
      Cluster cluster = cluster(broker);
      try (ClusterWatch watch = watch(cluster, loops)) {
        watch.start();

        Await.until(
            () -> watch.state("main", true).toString(), () -> !watch.state("main", true).asked());

        log.await("require a login with one of [PLAIN]");
        assertThat(watch.state("main", true).isUp()).isTrue();
        // A client that wants a broker gets any broker, without a request of the gateway.
        var brokers = cluster.whenKnown(new Target.Node(cluster, 2, false), loops.next());
        assertThat(brokers.getNow()).isEqualTo(cluster.bootstrapServers());
        loops.next().eventLoop().schedule(() -> {}, 1500, TimeUnit.MILLISECONDS).sync();
        assertThat(asked).hasValue(2);
      }
    }
  }

  @Test
  void failedRequestsBackOff() {
    assertThat(ClusterWatch.retry(0)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
    assertThat(ClusterWatch.retry(3)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(8));
    assertThat(ClusterWatch.retry(Integer.MAX_VALUE))
        .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(30));
  }

  @Test
  void responsesToClientsUpdateTheCluster() {
    // A port that never listened: one that has just been closed may still accept and reset.
    try (Ports closed = Ports.reserve(1);
        Loops loops = new Loops(1, new Budget(1 << 20))) {
      HostPort refusing = new HostPort("127.0.0.1", closed.get(0));
      Cluster cluster = new Cluster(List.of(refusing), NodeIds.OWN, () -> TIMEOUT);
      try (ClusterWatch watch = watch(cluster, loops)) {
        watch.start();
        Await.until(
            () -> watch.state("main", true).toString(),
            () -> watch.state("main", true).failures() > 0);
        assertThat(watch.state("main", true).failure()).contains("refused");
        var wanted = cluster.whenKnown(new Target.Node(cluster, 2, false), loops.next());

        HostPort second = new HostPort("two.internal", 9092);
        cluster.learn(2, second);
        cluster.markComplete();

        assertThat(watch.state("main", true).failure()).isNull();
        assertThat(cluster.isKnown()).isTrue();
        Await.until(() -> "still waiting", wanted::isDone);
        assertThat(wanted.getNow()).containsExactly(second);
      }
    }
  }

  @Test
  void logLinesOfChangedAddressesAreLimited() {
    try (LogLines log = LogLines.of("io.gatehouse.gateway.cluster")) {
      Cluster cluster =
          new Cluster(
              List.of(new HostPort("one.internal", 9092)), NodeIds.OWN, () -> Duration.ofMillis(1));
      for (int i = 1; i <= 1000; i++) {
        cluster.learn(1, new HostPort("one.internal", i));
      }
      assertThat(log.lines()).hasSizeLessThan(20);
      assertThat(cluster.broker(1)).isEqualTo(new HostPort("one.internal", 1000));
    }
  }

  @Test
  void theNumberOfBrokersIsBounded() {
    Cluster cluster =
        new Cluster(
            List.of(new HostPort("one.internal", 9092)), NodeIds.OWN, () -> Duration.ofMillis(1));
    Map<Integer, HostPort> many = new HashMap<>();
    for (int id = 0; id < Cluster.MAX_BROKERS + 10; id++) {
      many.put(id, new HostPort("host", 1 + id));
    }
    try (LogLines log = LogLines.of("io.gatehouse.gateway.cluster")) {
      cluster.learnAll(many, Map.of());
      cluster.learn(Cluster.MAX_BROKERS + 20, new HostPort("one.internal", 9092));
      log.await("the cluster names more than");
    }
    assertThat(cluster.brokers()).hasSize(Cluster.MAX_BROKERS);
  }
}
