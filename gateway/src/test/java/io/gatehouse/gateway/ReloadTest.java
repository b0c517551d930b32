package io.gatehouse.gateway;

import static io.gatehouse.gateway.fixture.Frames.CREATE_TOPICS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.password.FixedUsers;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.Limits;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.SocketSettings;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.PemFiles;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings are replaced while clients are connected. */
class ReloadTest {

  private static final int VERSION = 5;
  private static final byte[] BODY = {9, 8, 7};

  @TempDir Path folder;

  private int correlation = 100;

  private static GatewaySettings forbidding(GatewaySettings from, Integer... apis) {
    ApiRules before = from.traffic().rules();
    return from.with(
        new GatewaySettings.Traffic(
            from.traffic().limits(),
            from.traffic().timeouts(),
            from.traffic().sockets(),
            new ApiRules(Set.of(apis), before.acksZeroForbidden(), before.unknown()),
            from.traffic().logins()));
  }

  private static GatewaySettings listening(GatewaySettings from, ListenerSettings... listeners) {
    return new GatewaySettings(from.upstreams(), List.of(listeners), from.traffic(), from.drain());
  }

  private static ListenerSettings first(Rig rig) {
    return rig.gateway().settings().listeners().getFirst();
  }

  /** A listener on another port with the same target as the first. */
  private static ListenerSettings second(Rig rig, int port, Entry entry) {
    return new ListenerSettings(
        "second",
        "127.0.0.1",
        null,
        new Routing.ByAddress(
            List.of(
                new Routing.Mapping(rig.broker().address(), new HostPort("127.0.0.1", port), null)),
            Map.of(),
            null),
        entry);
  }

  private static ListenerSettings with(ListenerSettings listener, Entry entry) {
    return new ListenerSettings(
        listener.name(), listener.bindHost(), listener.advertisedHost(), listener.routing(), entry);
  }

  private static Entry alice(String password) {
    return Entry.OPEN.with(
        new Authentication.Sasl(
            List.of(
                new PlainMechanism.Settings(new FixedUsers(Map.of("alice", new Secret(password))))),
            Duration.ZERO));
  }

  private static Entry encrypted(PemFiles files) {
    return Entry.OPEN.with(ServerTls.of(new KeySource.Pem(files.chain(), files.key(), null)));
  }

  /** Exchanges a request of an unknown API with the broker. */
  private void exchange(Rig.Pair pair) throws IOException {
    int id = correlation++;
    pair.exchange(Frames.request(Frames.UNKNOWN, 0, id, BODY), Frames.response(id, BODY));
  }

  private static byte[] createTopics(int id) {
    return Frames.request(CREATE_TOPICS, VERSION, id, Frames.newRequest(CREATE_TOPICS, VERSION));
  }

  private static boolean isRefused(HostPort address) throws IOException {
    try (RawClient _ = RawClient.connect(address.host(), address.port())) {
      return false;
    } catch (ConnectException e) {
      return true;
    }
  }

  @Test
  void rulesApplyFromTheNextRequest() throws Exception {
    try (Rig rig = new Setup().start()) {
      Rig.Pair pair = rig.open();
      GatewaySettings open = rig.gateway().settings();

      ApplyResult applied = rig.gateway().apply(forbidding(open, CREATE_TOPICS));
      pair.client().sendFrame(createTopics(1));
      byte[] refusal = pair.client().readFrame(Rig.LIMIT);
      exchange(pair);

      assertThat(Frames.responseCorrelationId(refusal)).isEqualTo(1);
      assertThat(applied.changes()).containsExactly("rules.forbidden is [19], and was []");
      assertThat(rig.gateway().apply(open).changes()).hasSize(1);
      pair.client().sendFrame(createTopics(2));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(createTopics(2));
    }
  }

  @Test
  void equalSettingsChangeNothing() throws Exception {
    try (Rig rig = new Setup().start()) {
      Rig.Pair pair = rig.open();
      HostPort address = rig.address();

      ApplyResult applied = rig.gateway().apply(listening(rig.gateway().settings(), first(rig)));

      assertThat(applied.changes()).isEmpty();
      assertThat(applied.needRestart()).isEmpty();
      assertThat(rig.address()).isEqualTo(address);
      exchange(pair);
    }
  }

  @Test
  void listenersCanBeAddedAndRemoved() throws Exception {
    try (Rig rig = new Setup().start()) {
      Rig.Pair stays = rig.open();
      GatewaySettings one = rig.gateway().settings();

      ApplyResult applied =
          rig.gateway().apply(listening(one, first(rig), second(rig, 0, Entry.OPEN)));
      HostPort added = rig.gateway().bootstrap().getLast();
      try (RawClient client = RawClient.connect(added.host(), added.port())) {
        byte[] request = Frames.request(Frames.UNKNOWN, 0, 1, BODY);
        client.sendFrame(request);
        RawClient link = rig.broker().accept();
        assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(request);
        assertThat(applied.changes()).containsExactly("listener second is new");

        assertThat(rig.gateway().apply(one).changes()).containsExactly("listener second is gone");
        Await.until(() -> "the port is closed", () -> isRefused(added));
        link.sendFrame(Frames.response(1, BODY)); // requests in flight are answered
        assertThat(Frames.responseCorrelationId(client.readFrame(Rig.LIMIT))).isEqualTo(1);
        client.expectClosed(Rig.LIMIT);
      }
      rig.awaitEnds(CloseReason.DRAINED, 1);
      exchange(stays);
    }
  }

  @Test
  void changedAuthenticationEndsSessionsAndKeepsThePort() throws Exception {
    try (Rig rig = new Setup().start()) {
      Rig.Pair pair = rig.open();
      HostPort address = rig.address();
      GatewaySettings open = rig.gateway().settings();

      rig.gateway().apply(listening(open, with(first(rig), alice("a-secret"))));

      pair.client().expectClosed(Rig.LIMIT);
      assertThat(rig.address()).isEqualTo(address);
      try (RawClient client = rig.connect()) {
        client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 1, BODY));
        client.expectClosed(Rig.LIMIT);
        rig.awaitEnds(CloseReason.NOT_AUTHENTICATED, 1);
      }
      assertThat(rig.gateway().apply(open).changes())
          .containsExactly("listener test has changed: entry.authentication");
      exchange(rig.open());
    }
  }

  @Test
  void anotherClusterEndsSessionsAndKeepsThePort() throws Exception {
    try (Rig rig = new Setup().start()) {
      Rig.Pair pair = rig.open();
      HostPort address = rig.address();
      GatewaySettings before = rig.gateway().settings();
      UpstreamSettings upstream = before.upstream();
      UpstreamSettings other =
          new UpstreamSettings(
              upstream.bootstrapServers(), Map.of(), "another", upstream.refresh());

      ApplyResult applied =
          rig.gateway()
              .apply(
                  new GatewaySettings(
                      Map.of(Entry.MAIN, other),
                      before.listeners(),
                      before.traffic(),
                      before.drain()));

      assertThat(applied.changes()).containsExactly("cluster main has changed: clientId");
      pair.client().expectClosed(Rig.LIMIT);
      assertThat(rig.address()).isEqualTo(address);
      exchange(rig.open());
    }
  }

  @Test
  void newHandshakesUseTheNewCertificate() throws Exception {
    Authority before = Authority.create("before");
    Authority after = Authority.create("after");
    PemFiles old = before.server().writePem(Files.createDirectory(folder.resolve("old")));
    PemFiles next = after.server().writePem(Files.createDirectory(folder.resolve("new")));
    try (Rig rig = new Setup().start()) {
      GatewaySettings plain = rig.gateway().settings();
      rig.gateway().apply(listening(plain, with(first(rig), encrypted(old))));
      HostPort address = rig.address();
      try (RawClient connected =
          RawTls.to(address.host(), address.port()).trust(before).connect()) {
        byte[] hello = Frames.request(Frames.UNKNOWN, 0, 1, BODY);
        connected.sendFrame(hello);
        RawClient link = rig.broker().accept();
        assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(hello);

        rig.gateway().apply(listening(plain, with(first(rig), encrypted(next))));

        try (RawClient client = RawTls.to(address.host(), address.port()).trust(after).connect()) {
          client.sendFrame(hello);
          assertThat(rig.broker().accept().readFrame(Rig.LIMIT)).isEqualTo(hello);
        }
        Await.until(
            () -> "open: " + rig.gateway().openResources(),
            () -> rig.gateway().openResources() == 1);
        link.sendFrame(Frames.response(1, BODY)); // the session keeps its settings
        assertThat(Frames.responseCorrelationId(connected.readFrame(Rig.LIMIT))).isEqualTo(1);
      }
    }
  }

  @Test
  void invalidSettingsChangeNothing() throws Exception {
    try (Rig rig = new Setup().start();
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      Rig.Pair pair = rig.open();
      GatewaySettings good = rig.gateway().settings();
      PemFiles none =
          new PemFiles(folder.resolve("no.crt"), folder.resolve("no.key"), folder.resolve("no.ca"));

      assertThatExceptionOfType(GatewayStartException.class)
          .isThrownBy(() ->
              rig.gateway()
                  .apply(
                      listening(
                          forbidding(good, CREATE_TOPICS),
                          with(first(rig), alice("a-secret")),
                          second(rig, taken.getLocalPort(), Entry.OPEN))))
          .withMessageContaining("cannot listen on 127.0.0.1:" + taken.getLocalPort());
      assertThatExceptionOfType(GatewayStartException.class)
          .isThrownBy(() -> rig.gateway().apply(listening(good, with(first(rig), encrypted(none)))))
          .withMessageContaining("no.crt");

      assertThat(rig.gateway().settings()).isEqualTo(good);
      assertThat(rig.gateway().openResources()).isZero();
      pair.client().sendFrame(createTopics(2));
      assertThat(pair.link().readFrame(Rig.LIMIT)).isEqualTo(createTopics(2));
      pair.link()
          .sendFrame(
              Frames.response(
                  CREATE_TOPICS, VERSION, 2, Frames.newResponse(CREATE_TOPICS, VERSION)));
      assertThat(pair.client().readFrame(Rig.LIMIT)).isNotEmpty();
      exchange(rig.open());
    }
  }

  @Test
  void limitsApplyToTheNextConnection() throws Exception {
    try (Rig rig = new Setup().start()) {
      Rig.Pair pair = rig.open();
      GatewaySettings before = rig.gateway().settings();
      Limits limits = before.traffic().limits();
      Limits few =
          new Limits(
              limits.frameBytes(),
              1,
              0,
              limits.inFlightRequests(),
              2 * limits.bufferedBytes(),
              limits.incompleteBytes());

      ApplyResult applied =
          rig.gateway()
              .apply(
                  before.with(
                      new GatewaySettings.Traffic(
                          few,
                          before.traffic().timeouts(),
                          new SocketSettings(
                              SocketSettings.Side.DEFAULT, SocketSettings.Side.DEFAULT, 7, 1),
                          before.traffic().rules(),
                          before.traffic().logins())));

      assertThat(applied.changes()).containsExactly("limits.connections is 1, and was 0");
      assertThat(applied.needRestart()).containsExactly("sockets", "limits.buffered");
      rig.connect().expectClosed(Rig.LIMIT);
      exchange(pair);
      rig.gateway().apply(before);
      exchange(rig.open());
    }
  }

  @Test
  void manyReloadsUnderLoadLeakNothing() throws Exception {
    PemFiles files = Authority.create("ca").server().writePem(folder);
    try (Rig rig = new Setup().start()) {
      Rig.Pair pair = rig.open();
      GatewaySettings one = rig.gateway().settings();
      exchange(pair);
      long descriptors = descriptors();
      List<Integer> open = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        GatewaySettings next =
            i % 2 == 0
                ? listening(
                    forbidding(one, CREATE_TOPICS),
                    first(rig),
                    second(rig, 0, alice("secret-" + i)),
                    with(third(rig), encrypted(files)))
                : one;
        rig.gateway().apply(next);
        open.add(rig.gateway().openResources());
        exchange(pair);
      }
      assertThat(open).contains(3);
      rig.gateway().apply(one);
      Await.until(
          () -> "open: " + rig.gateway().openResources(), () -> rig.gateway().openResources() == 0);
      Await.until(() -> "more than " + descriptors, () -> descriptors() <= descriptors + 4);
      exchange(pair);
      assertThat(rig.figures().value("gatehouse_buffered_bytes")).isZero();
      assertThat(rig.figures().value("gatehouse_requests_in_flight")).isZero();
    }
  }

  private static ListenerSettings third(Rig rig) {
    ListenerSettings other = second(rig, 0, Entry.OPEN);
    return new ListenerSettings("third", "127.0.0.1", null, other.routing());
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }
}
