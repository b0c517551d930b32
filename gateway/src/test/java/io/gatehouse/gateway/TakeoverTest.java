package io.gatehouse.gateway;

import static io.gatehouse.gateway.fixture.FakeCluster.NO_BROKER;
import static io.gatehouse.gateway.fixture.FakeCluster.advertised;
import static io.gatehouse.gateway.fixture.FakeCluster.brokerAt;
import static io.gatehouse.gateway.fixture.FakeCluster.metadata;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.net.ListeningSocket;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.takeover.TakeoverClient;
import io.gatehouse.gateway.takeover.TakeoverServer;
import io.gatehouse.testkit.Ports;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawClient.End;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway takes over from another one without a closed port. */
class TakeoverTest {

  private static final String HERE = "127.0.0.1";

  @TempDir Path folder;

  @AutoClose private final FakeCluster cluster = FakeCluster.of(1, 2, 3);

  private Path socket = Path.of("");

  @BeforeEach
  void name() {
    socket = folder.resolve("takeover.sock");
  }

  /** A gateway that another process can take over from. */
  private final class Running implements AutoCloseable {

    final Gateway gateway;
    final TakeoverServer successors;
    final CompletableFuture<Void> replaced = new CompletableFuture<>();

    Running(Gateway gateway) throws IOException {
      this.gateway = gateway;
      this.successors = TakeoverServer.listen(socket, new SocketOwner(gateway, replaced));
    }

    HostPort bootstrap() {
      return gateway.bootstrap().getFirst();
    }

    void end() {
      gateway.close();
      successors.close();
    }

    @Override
    public void close() {
      end();
    }
  }

  private record SocketOwner(Gateway gateway, CompletableFuture<Void> replaced)
      implements TakeoverServer.SocketOwner {

    @Override
    public List<ListeningSocket> offer() {
      return gateway.offerSockets();
    }

    @Override
    public void withdraw() {
      gateway.withdrawSockets();
    }

    @Override
    public void stopAccepting() {
      gateway.stopAccepting();
    }

    @Override
    public void retire() {
      gateway
          .retire()
          .whenComplete((_, failure) -> {
            if (failure == null) {
              replaced.complete(null);
            }
          });
    }

    @Override
    public void resume() {
      gateway.resume();
    }
  }

  private ListenerSettings byAddress(Routing.Dynamic dynamic) {
    Routing.Mapping first = new Routing.Mapping(cluster.address(1), new HostPort(HERE, 0), null);
    return listener(new Routing.ByAddress(List.of(first), Map.of(), dynamic));
  }

  private static ListenerSettings listener(Routing routing) {
    return new ListenerSettings("a listener", HERE, null, routing);
  }

  private static Routing.Dynamic anyPorts() {
    return new Routing.Dynamic(HERE, "b-{{.brokerId}}.example", 0, 0, false);
  }

  private Gateway start(ListenerSettings listener) throws GatewayStartException {
    return Gateway.start(new Setup().settings(List.of(cluster.address(1)), listener));
  }

  private Gateway startAfter(TakeoverClient before, ListenerSettings listener)
      throws GatewayStartException {
    return Gateway.start(
        new Setup().settings(List.of(cluster.address(1)), listener),
        Duration.ZERO,
        before.sockets());
  }

  private TakeoverClient ask() throws IOException {
    return requireNonNull(TakeoverClient.connect(socket));
  }

  private static byte[] request(int id) {
    return Frames.request(Frames.UNKNOWN, 0, id, new byte[10]);
  }

  @Test
  void noConnectionIsRefusedAndEveryRequestIsAnswered() throws Exception {
    try (Running old = new Running(start(byAddress(anyPorts())));
        RawClient idle = RawClient.connect(HERE, old.bootstrap().port())) {
      idle.sendFrame(request(1));
      assertThat(idle.readFrame(Rig.LIMIT)).isNotEmpty();
      AtomicBoolean enough = new AtomicBoolean();
      AtomicInteger answered = new AtomicInteger();
      Task<Boolean> connecting =
          Task.start(() -> {
            while (!enough.get()) {
              // Throws if a port is closed.
              RawClient client = RawClient.connect(HERE, old.bootstrap().port());
              try (client) {
                client.sendFrame(request(2));
                if (client.socket().getInputStream().read() >= 0) {
                  answered.incrementAndGet();
                }
              } catch (IOException e) {
                // Accepted by the old one in its last moment, and ended before it was asked
                // anything.
              }
            }
          });
      Await.until(() -> answered + " answers", () -> answered.get() > 20);
      try (TakeoverClient before = ask();
          Gateway successor = startAfter(before, byAddress(anyPorts()))) {
        assertThat(successor.bootstrap()).isEqualTo(old.gateway.bootstrap());
        int then = answered.get();
        Await.until(() -> "nobody serves", () -> answered.get() > then + 20);
        assertThat(successor.metrics().openConnections()).as("before it is its turn").isZero();

        before.release();
        successor.acceptInherited();

        assertThat(idle.expectClosed(Rig.LIMIT)).isEqualTo(End.FIN);
        idle.finish();
        int now = answered.get();
        Await.until(() -> "nobody serves", () -> answered.get() > now + 20);
        old.replaced.get(Rig.LIMIT.toSeconds(), TimeUnit.SECONDS);
        old.end();
        int alone = answered.get();
        Await.until(() -> "nobody serves", () -> answered.get() > alone + 20);
        enough.set(true);
        assertThat(connecting.join()).isTrue();
      }
    }
  }

  /** Clients that know a broker's port from the previous gateway reach the same broker there. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void dynamicPortsAreKept(boolean byNodeId) throws Exception {
    try (Ports ports = Ports.contiguous(8)) {
      Routing.Dynamic dynamic =
          byNodeId ? new Routing.Dynamic(HERE, null, ports.get(0), 8, true) : anyPorts();
      try (Running old = new Running(start(byAddress(dynamic)))) {
        Map<Integer, HostPort> told = metadata(old.bootstrap());
        try (TakeoverClient before = ask();
            Gateway successor = startAfter(before, byAddress(dynamic))) {
          before.release();
          successor.acceptInherited();
          old.end();

          HostPort second = requireNonNull(told.get(2));
          assertThat(brokerAt(new HostPort(HERE, second.port()))).isEqualTo(2);
          assertThat(metadata(successor.bootstrap().getFirst())).isEqualTo(told);
        }
      }
    }
  }

  @Test
  void portsByNodeIdAreKept() throws Exception {
    try (Ports ports = Ports.contiguous(5)) {
      PortPlan.Pair bootstrap = new PortPlan.Pair(ports.get(0), ports.get(0));
      Routing routing = new Routing.ByNodeId(bootstrap, PortPlan.from(ports.get(1)), 0);
      try (Running old = new Running(start(listener(routing)))) {
        FakeCluster.awaitKnown(old.gateway, 3);
        try (TakeoverClient before = ask();
            Gateway successor = startAfter(before, listener(routing))) {
          before.release();
          successor.acceptInherited();
          old.end();
          for (int id = 1; id <= 3; id++) {
            assertThat(brokerAt(new HostPort(HERE, ports.get(1 + id)))).isEqualTo(id);
          }
        }
      }
    }
  }

  @Test
  void portsThatTheNewProcessDoesNotUseAreClosed() throws Exception {
    try (Ports ports = Ports.reserve(1);
        Running old = new Running(start(byAddress(anyPorts())))) {
      HostPort only = new HostPort(HERE, ports.get(0));
      ListenerSettings another =
          listener(
              new Routing.ByAddress(
                  List.of(new Routing.Mapping(cluster.address(3), only, null)), Map.of(), null));
      try (TakeoverClient before = ask();
          Gateway successor = startAfter(before, another)) {
        before.release();
        successor.acceptInherited();
        old.end();
        assertThat(brokerAt(only)).isEqualTo(3);
        assertThatThrownBy(() -> RawClient.connect(HERE, old.bootstrap().port()))
            .isInstanceOf(ConnectException.class);
      }
    }
  }

  /** As after a kill: the connection between the processes closes without a message. */
  @Test
  void theRunningGatewayContinuesIfTheNewOneEndsBeforeItIsReady() throws Exception {
    try (Running old = new Running(start(byAddress(anyPorts())))) {
      try (TakeoverClient before = ask();
          Gateway successor = startAfter(before, byAddress(anyPorts()))) {
        assertThat(successor.bootstrap()).isEqualTo(old.gateway.bootstrap());
      }
      assertThat(brokerAt(old.bootstrap())).isEqualTo(1);
      // It opens ports again, and another process can take over.
      Await.until(() -> "2 is down for clients", () -> advertised(old.bootstrap(), 2).port() != 0);
      Await.until(() -> "it is busy", () -> isGiven());
    }
  }

  private boolean isGiven() {
    try (TakeoverClient before = ask()) {
      return before.isActive();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void theRunningGatewayAcceptsAgainIfTheNewOneEndsAfterTheHandover() throws Exception {
    try (Running old = new Running(start(byAddress(anyPorts())));
        RawClient busy = RawClient.connect(HERE, old.bootstrap().port())) {
      busy.sendFrame(request(1));
      assertThat(busy.readFrame(Rig.LIMIT)).isNotEmpty();
      ClosingClient dying = ClosingClient.at(socket);
      dying.askAndBeReady();
      Await.until(() -> "not draining", () -> old.gateway.health().draining());
      assertThat(busy.expectClosed(Rig.LIMIT)).isEqualTo(End.FIN);

      dying.close();

      assertThat(brokerAt(old.bootstrap())).isEqualTo(1);
      Await.until(() -> "not ready again", () -> old.gateway.health().isReady());
      assertThat(old.replaced).isNotDone();
      Await.until(() -> "nobody can take over again", () -> isGiven());
    }
  }

  /** A new process that sends the protocol's lines and then ends. */
  private record ClosingClient(java.nio.channels.SocketChannel channel) implements AutoCloseable {

    static ClosingClient at(Path socket) throws IOException {
      return new ClosingClient(
          java.nio.channels.SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    void askAndBeReady() throws IOException {
      send("hello gatehouse 1\n");
      awaitWord("listed\n");
      send("ready\n");
      awaitWord("yours\n");
    }

    private void send(String words) throws IOException {
      channel.write(
          java.nio.ByteBuffer.wrap(words.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    private void awaitWord(String last) throws IOException {
      StringBuilder heard = new StringBuilder();
      java.nio.ByteBuffer one = java.nio.ByteBuffer.allocate(1);
      while (heard.indexOf(last) < 0 && channel.read(one.clear()) > 0) {
        heard.append((char) one.get(0));
      }
      assertThat(heard.toString()).endsWith(last);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  @Test
  void theNewGatewayContinuesIfTheRunningOneEnds() throws Exception {
    try (Running old = new Running(start(byAddress(anyPorts())))) {
      try (TakeoverClient before = ask();
          Gateway successor = startAfter(before, byAddress(anyPorts()));
          RawClient waiting = connectAfterTheEndOf(old)) {
        Await.until(() -> "it is there", () -> !before.isActive());
        before.release();
        successor.acceptInherited();
        waiting.sendFrame(request(5));
        assertThat(waiting.readFrame(Rig.LIMIT)).isNotEmpty();
        assertThat(brokerAt(old.bootstrap())).isEqualTo(1);
      }
      assertThat(brokerAt(old.bootstrap())).isEqualTo(NO_BROKER);
    }
  }

  /** The connection waits in the backlog of a socket that no process accepts on. */
  private static RawClient connectAfterTheEndOf(Running old) throws IOException {
    old.end();
    return RawClient.connect(HERE, old.bootstrap().port());
  }

  @Test
  void onlyOneTakeoverAtATime() throws Exception {
    try (Running old = new Running(start(byAddress(anyPorts())));
        TakeoverClient first = ask()) {
      assertThat(first.isActive()).isTrue();
      assertThatThrownBy(this::ask).hasMessageContaining("another process is taking over already");
      assertThat(brokerAt(old.bootstrap())).isEqualTo(1);
    }
  }

  @Test
  void theSocketIsPrivateToTheUserAndToOneGateway() throws Exception {
    try (Running old = new Running(start(byAddress(anyPorts())));
        Gateway second = start(byAddress(anyPorts()))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-------");
      assertThatThrownBy(() -> new Running(second)).hasMessageContaining("--takeover");
      assertThat(brokerAt(old.bootstrap())).isEqualTo(1);
    }
    assertThat(socket).as("when it has ended").doesNotExist();
  }

  @Test
  void aStaleSocketOfAKilledProcessIsReplaced() throws Exception {
    try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    assertThat(TakeoverClient.connect(socket)).isNull();
    try (Running running = new Running(start(byAddress(anyPorts())))) {
      assertThat(isGiven()).isTrue();
      assertThat(brokerAt(running.bootstrap())).isEqualTo(1);
    }
  }

  @Test
  void aRegularFileIsNotReplaced() throws Exception {
    Files.writeString(socket, "precious");
    try (Gateway gateway = start(byAddress(anyPorts()))) {
      assertThatThrownBy(() -> new Running(gateway)).hasMessageContaining("is a file");
    }
    assertThat(socket).hasContent("precious");
  }
}
