package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.password.FixedUsers;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.Network;
import io.gatehouse.gateway.settings.ProxyHeader;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Both versions of the PROXY protocol header: trusted peers, valid and malformed headers. */
class ProxyHeaderTest {

  private static final List<Network> TRUSTED = List.of(Network.parse("127.0.0.1"));
  private static final Entry ALLOWED =
      Entry.OPEN.with(new ProxyHeader(ProxyHeader.Mode.ALLOWED, TRUSTED));
  private static final Entry REQUIRED =
      Entry.OPEN.with(new ProxyHeader(ProxyHeader.Mode.REQUIRED, TRUSTED));
  private static final byte[] SIGNATURE = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };

  private final Echo echo = new Echo();
  private final LogLines log = LogLines.ofConnections();

  @AfterEach
  void stop() {
    log.close();
    echo.close();
  }

  private SecuredGateway start(Setup setup) throws Exception {
    return SecuredGateway.of(echo.asked())
        .listener("allowed", ALLOWED)
        .listener("required", REQUIRED)
        .listener("off", Entry.OPEN)
        .setup(setup)
        .start();
  }

  private static byte[] v1(String line) {
    return ("PROXY " + line + "\r\n").getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] v2(int command, int family, byte[] addresses) {
    return ByteBuffer.allocate(16 + addresses.length)
        .put(SIGNATURE)
        .put((byte) (0x20 | command))
        .put((byte) family)
        .putShort((short) addresses.length)
        .put(addresses)
        .array();
  }

  private static byte[] addresses(String source, int port, byte... tail) {
    try {
      byte[] from = InetAddress.getByName(source).getAddress();
      return ByteBuffer.allocate(2 * from.length + 4 + tail.length)
          .put(from)
          .put(from)
          .putShort((short) port)
          .putShort((short) 9092)
          .put(tail)
          .array();
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static RawClient to(SecuredGateway secured, String listener) throws IOException {
    return RawClient.connect("127.0.0.1", secured.port(listener));
  }

  // ---- what is read -----------------------------------------------------------------------------

  /** Headers, and the client's address in them; null for the load balancer's own address. */
  static Stream<Arguments> headers() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("192.0.2.7:4321", v1("TCP4 192.0.2.7 10.0.0.1 4321 9092"));
    all.put("[2001:db8:0:0:0:0:0:7]:4321", v1("TCP6 2001:db8::7 2001:db8::1 4321 9092"));
    all.put("192.0.2.8:65535", v2(1, 0x11, addresses("192.0.2.8", 65535)));
    all.put(
        "192.0.2.9:1",
        v2(1, 0x11, addresses("192.0.2.9", 1, (byte) 4, (byte) 0, (byte) 1, (byte) 0)));
    all.put("[2001:db8:0:0:0:0:0:8]:7", v2(1, 0x21, addresses("2001:db8::8", 7)));
    all.put("127.0.0.1 v1 unknown", v1("UNKNOWN"));
    all.put("127.0.0.1 v1 unknown with rest", v1("UNKNOWN ffff::1 ffff::2 1 2"));
    all.put("127.0.0.1 local", v2(0, 0, new byte[0]));
    all.put("127.0.0.1 local with addresses", v2(0, 0x11, addresses("192.0.2.8", 1)));
    all.put("127.0.0.1 unspecified", v2(1, 0, new byte[0]));
    all.put("127.0.0.1 unix", v2(1, 0x31, new byte[216]));
    return all.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("headers")
  void theClientsAddressIsTakenFromTheHeader(String expected, byte[] header) throws Exception {
    String shown = expected.startsWith("127") ? "127.0.0.1:" : expected;
    try (SecuredGateway secured = start(new Setup())) {
      for (String listener : List.of("allowed", "required")) {
        try (RawClient client = to(secured, listener)) {
          client.send(header);
          SecuredGateway.exchange(client);
        }
        log.await(listener + " /" + shown);
        try (RawClient client = to(secured, listener)) {
          for (byte one : header) {
            client.send(one);
          }
          SecuredGateway.exchange(client);
        }
        secured.awaitEnds(CloseReason.CLIENT_CLOSED, listener.equals("allowed") ? 2 : 4);
      }
      assertThat(log.lines()).hasSize(4).allMatch(line -> line.contains("/" + shown));
    }
  }

  @Test
  void headerAndRequestInOneReadAreSeparated() throws Exception {
    try (SecuredGateway secured = start(new Setup());
        RawClient client = to(secured, "required")) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.write(v1("TCP4 192.0.2.7 10.0.0.1 4321 9092"));
      all.write(
          io.gatehouse.gateway.fixture.Frames.framed(
              io.gatehouse.gateway.fixture.Frames.request(700, 0, 5, new byte[] {9})));
      client.send(all.toByteArray());
      assertThat(client.readFrame(Rig.LIMIT)).endsWith((byte) 9);
      SecuredGateway.exchange(client);
    }
  }

  // ---- what is refused --------------------------------------------------------------------------

  static Stream<Arguments> brokenHeaders() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("v1 too long", v1("TCP4 " + "1".repeat(120)));
    all.put("v1 endless", ("PROXY " + "x".repeat(4000)).getBytes(StandardCharsets.US_ASCII));
    all.put("v1 garbage", v1("TCP9 a b c d"));
    all.put("v1 no address", v1("TCP4 300.1.1.1 10.0.0.1 1 2"));
    all.put("v1 wrong port", v1("TCP4 192.0.2.1 10.0.0.1 99999 2"));
    all.put("v1 of two families", v1("TCP4 ::1 10.0.0.1 1 2"));
    all.put("v1 too few", v1("TCP4 192.0.2.1"));
    all.put("v2 wrong version", withByte(v2(1, 0x11, addresses("192.0.2.8", 1)), 12, 0x11));
    all.put("v2 wrong command", v2(7, 0x11, addresses("192.0.2.8", 1)));
    all.put("v2 wrong family", v2(1, 0x77, addresses("192.0.2.8", 1)));
    all.put("v2 too short", v2(1, 0x11, new byte[4]));
    return all.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  private static byte[] withByte(byte[] header, int at, int value) {
    header[at] = (byte) value;
    return header;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenHeaders")
  void aMalformedHeaderClosesTheConnection(String what, byte[] header) throws Exception {
    try (SecuredGateway secured = start(new Setup());
        RawClient client = to(secured, "allowed")) {
      client.send(header);

      client.expectClosed(Rig.LIMIT);
      secured.awaitEnds(CloseReason.BAD_PROXY_HEADER, 1);
      assertThat(log.lines()).as(what).hasSize(1);
      assertThat(log.lines().getFirst()).startsWith("WARN").contains("PROXY header");
    }
  }

  @Test
  void anIncompleteHeaderTimesOut() throws Exception {
    try (SecuredGateway secured =
            start(new Setup().requestTimeout(Duration.ofSeconds(1), Duration.ofSeconds(1)));
        RawClient old = to(secured, "allowed");
        RawClient young = to(secured, "required")) {
      old.send("PROXY TCP4 192".getBytes(StandardCharsets.US_ASCII));
      young.send(SIGNATURE);
      old.expectClosed(Rig.LIMIT);
      young.expectClosed(Rig.LIMIT);
      secured.awaitEnds(CloseReason.FIRST_REQUEST_TIMEOUT, 2);
    }
  }

  @Test
  void aHeaderIsRequiredOrRefusedByTheSettings() throws Exception {
    try (SecuredGateway secured = start(new Setup())) {
      try (RawClient client = to(secured, "allowed")) {
        SecuredGateway.exchange(client);
      }
      try (RawClient client = to(secured, "required")) {
        client.sendFrame(new byte[20]);
        client.expectClosed(Rig.LIMIT);
      }
      secured.awaitEnds(CloseReason.BAD_PROXY_HEADER, 1);
      log.await("there is no PROXY header");
      try (RawClient client = to(secured, "off")) {
        client.send(v1("TCP4 192.0.2.7 10.0.0.1 4321 9092"));
        client.expectClosed(Rig.LIMIT);
      }
      secured.awaitEnds(CloseReason.NOT_KAFKA, 1);
    }
  }

  @Test
  void headersFromUntrustedPeersAreRefused() throws Exception {
    try (SecuredGateway secured = start(new Setup())) {
      for (String listener : List.of("allowed", "required")) {
        try (RawClient client = from("127.0.0.2", secured.port(listener))) {
          client.send(v1("TCP4 192.0.2.7 10.0.0.1 4321 9092"));
          client.expectClosed(Rig.LIMIT);
        }
      }
      secured.awaitEnds(CloseReason.BAD_PROXY_HEADER, 2);
      log.await("a PROXY header from 127.0.0.2, which is not trusted");
      try (RawClient client = from("127.0.0.2", secured.port("allowed"))) {
        SecuredGateway.exchange(client);
      }
    }
  }

  static RawClient from(String address, int port) throws IOException {
    Socket socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return RawClient.over(socket);
  }

  // ---- what the address is used for -------------------------------------------------------------

  @Test
  void theLimitPerAddressUsesTheClientsAddress() throws Exception {
    try (SecuredGateway secured = start(new Setup().connections(0, 2));
        RawClient first = from(secured, "192.0.2.1");
        RawClient second = from(secured, "192.0.2.1");
        RawClient other = from(secured, "192.0.2.2");
        RawClient third = to(secured, "required")) {
      third.send(v1("TCP4 192.0.2.1 10.0.0.1 4321 9092"));
      third.expectClosed(Rig.LIMIT);
      secured.awaitEnds(CloseReason.TOO_MANY_FROM_ADDRESS, 1);
      log.await("/192.0.2.1");
      first.socket().close();
      secured.awaitEnds(CloseReason.CLIENT_CLOSED, 1);
      try (RawClient again = from(secured, "192.0.2.1")) {
        SecuredGateway.exchange(again);
      }
      SecuredGateway.exchange(second);
      SecuredGateway.exchange(other);
    }
  }

  /** The balancer's address stands for many clients. */
  @Test
  void aBalancersOwnConnectionsAreNotLimited() throws Exception {
    List<RawClient> silent = new ArrayList<>();
    try (SecuredGateway secured = start(new Setup().connections(0, 2))) {
      for (int i = 0; i < 5; i++) {
        silent.add(to(secured, "required"));
        silent.add(to(secured, "allowed"));
      }
      Await.until(
          () -> secured.gateway().metrics().openConnections() + " connections",
          () -> secured.gateway().metrics().openConnections() == silent.size());
      try (RawClient first = from(secured, "192.0.2.1");
          RawClient second = from(secured, "192.0.2.1");
          RawClient others = from("127.0.0.2", secured.port("off"))) {
        SecuredGateway.exchange(first);
        SecuredGateway.exchange(second);
        SecuredGateway.exchange(others);
      }
      assertThat(secured.figures().ends(CloseReason.TOO_MANY_FROM_ADDRESS)).isZero();
    } finally {
      for (RawClient client : silent) {
        client.close();
      }
    }
  }

  private static RawClient from(SecuredGateway secured, String address) throws IOException {
    RawClient client = to(secured, "required");
    client.send(v1("TCP4 " + address + " 10.0.0.1 4321 9092"));
    SecuredGateway.exchange(client);
    return client;
  }

  @Test
  void failuresOfClientsBehindABalancerAreCountedSeparately() throws Exception {
    Authentication sasl =
        FixedSource.sasl(
            List.of(
                new PlainMechanism(new FixedUsers(Map.of("alice", new Secret("alice-secret"))))),
            Duration.ZERO);
    try (SecuredGateway secured =
        SecuredGateway.of(echo.asked()).listener("required", REQUIRED.with(sasl)).start()) {
      // One failure is forgiven each second, so a slow machine needs a few more.
      Await.until(
          () -> "the right password is still taken",
          () -> {
            List<Task<Boolean>> guesses = new ArrayList<>();
            for (int i = 0; i < 25; i++) {
              guesses.add(Task.start(() -> assertThat(login(secured, "66", "wrong")).isNotZero()));
            }
            guesses.forEach(Task::join);
            return login(secured, "66", "alice-secret") == NO_ANSWER;
          });
      assertThat(secured.authentications("required", "PLAIN", "throttled")).isPositive();
      assertThat(login(secured, "67", "alice-secret")).isZero();
    }
  }

  private static final int NO_ANSWER = RawSasl.CLOSED;

  private static int login(SecuredGateway secured, String lastOfAddress, String password)
      throws IOException {
    try (RawClient client = to(secured, "required")) {
      client.send(v1("TCP4 192.0.2." + lastOfAddress + " 10.0.0.1 4321 9092"));
      int error = RawSasl.plain(client, "alice", password);
      if (error == 0) {
        SecuredGateway.exchange(client);
      }
      return error;
    } catch (EOFException e) {
      return NO_ANSWER; // closed without a response, so that clients retry
    }
  }

  // ---- with TLS ---------------------------------------------------------------------------------

  @Test
  void tlsFollowsTheHeader() throws Exception {
    Authority ca = Authority.create("CA");
    Credentials shown = ca.server();
    ServerTls tls =
        ServerTls.of(new KeySource.Text(shown.chainPem(), new Secret(shown.keyPem()), null));
    try (SecuredGateway secured =
        SecuredGateway.of(echo.asked()).listener("tls", REQUIRED.with(tls)).start()) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), secured.port("tls"));
      socket.getOutputStream().write(v2(1, 0x11, addresses("192.0.2.8", 5)));
      try (RawClient client =
          RawTls.to("127.0.0.1", secured.port("tls")).sni("localhost").trust(ca).over(socket)) {
        SecuredGateway.exchange(client);
      }
      log.await("tls /192.0.2.8:5");
    }
  }
}
