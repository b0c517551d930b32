package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Accounts;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.Network;
import io.gatehouse.gateway.settings.ProxyHeader;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.TrustSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The PROXY header that brokers get, byte by byte. */
class SentProxyHeaderTest {

  private static final byte[] REQUEST = Frames.request(Frames.UNKNOWN, 0, 1, new byte[] {7});
  private static final Entry BALANCED =
      Entry.OPEN.with(
          new ProxyHeader(ProxyHeader.Mode.ALLOWED, List.of(Network.parse("127.0.0.1"))));

  private static SecuredGateway secured(RawBroker broker, int version, @Nullable ClientTls tls)
      throws Exception {
    return SecuredGateway.of(broker.address())
        .access(new Access(tls, Accounts.NONE, null, version))
        .listener("x", BALANCED)
        .start();
  }

  private static String line(RawClient link) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    do {
      line.writeBytes(link.read(1, Rig.LIMIT));
    } while (!line.toString(StandardCharsets.US_ASCII).endsWith("\r\n"));
    return line.toString(StandardCharsets.US_ASCII);
  }

  /** The request follows the header, and its response is returned. */
  private static void exchange(RawClient client, RawClient link) throws IOException {
    assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(REQUEST);
    link.sendFrame(Frames.response(1, new byte[] {8}));
    assertThat(client.readFrame(Rig.LIMIT)).endsWith((byte) 8);
  }

  @Test
  void versionOneHasBothAddresses() throws Exception {
    try (RawBroker broker = RawBroker.start();
        SecuredGateway secured = secured(broker, 1, null)) {
      RawClient own = broker.accept();
      assertThat(line(own)).as("of the gateway itself").isEqualTo("PROXY UNKNOWN\r\n");
      assertThat(Frames.apiKey(own.readFrame(Rig.LIMIT))).isEqualTo(Frames.METADATA);

      try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
        client.sendFrame(REQUEST);
        RawClient link = broker.accept();
        assertThat(line(link))
            .isEqualTo(
                "PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\n"
                    .formatted(client.localAddress().getPort(), secured.port("x")));
        exchange(client, link);
      }
      try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
        client.send(
            "PROXY TCP6 2001:db8::7 2001:db8::1 4321 9092\r\n".getBytes(StandardCharsets.US_ASCII));
        client.sendFrame(REQUEST);
        RawClient link = broker.accept();
        String[] words = line(link).strip().split(" ", -1);
        assertThat(words).hasSize(6).startsWith("PROXY", "TCP6");
        assertThat(InetAddress.getByName(words[2])).isEqualTo(InetAddress.getByName("2001:db8::7"));
        assertThat(words[3]).as("an address of version 6").contains(":");
        assertThat(words[4]).isEqualTo("4321");
        exchange(client, link);
      }
    }
  }

  @Test
  void versionTwoHasBothAddresses() throws Exception {
    try (RawBroker broker = RawBroker.start();
        SecuredGateway secured = secured(broker, 2, null)) {
      RawClient own = broker.accept();
      ByteBuffer local = ByteBuffer.wrap(own.read(16, Rig.LIMIT));
      assertThat(local.get(12)).as("LOCAL").isEqualTo((byte) 0x20);
      assertThat(local.getShort(14)).isZero();
      assertThat(Frames.apiKey(own.readFrame(Rig.LIMIT))).isEqualTo(Frames.METADATA);

      try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
        client.sendFrame(REQUEST);
        RawClient link = broker.accept();
        ByteBuffer header = ByteBuffer.wrap(link.read(16 + 12, Rig.LIMIT));
        assertThat(header.get(12)).isEqualTo((byte) 0x21);
        assertThat(header.get(13)).isEqualTo((byte) 0x11);
        assertThat(header.getShort(14)).isEqualTo((short) 12);
        assertThat(Arrays.copyOfRange(header.array(), 16, 20)).containsExactly(127, 0, 0, 1);
        assertThat(header.getShort(24) & 0xffff).isEqualTo(client.localAddress().getPort());
        assertThat(header.getShort(26) & 0xffff).isEqualTo(secured.port("x"));
        exchange(client, link);
      }
      try (RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
        client.send(
            "PROXY TCP6 2001:db8::7 2001:db8::1 4321 9092\r\n".getBytes(StandardCharsets.US_ASCII));
        client.sendFrame(REQUEST);
        RawClient link = broker.accept();
        ByteBuffer header = ByteBuffer.wrap(link.read(16 + 36, Rig.LIMIT));
        assertThat(header.get(13)).isEqualTo((byte) 0x21);
        assertThat(header.getShort(14)).isEqualTo((short) 36);
        assertThat(InetAddress.getByAddress(Arrays.copyOfRange(header.array(), 16, 32)))
            .isEqualTo(InetAddress.getByName("2001:db8::7"));
        assertThat(InetAddress.getByAddress(Arrays.copyOfRange(header.array(), 32, 48)))
            .as("mapped")
            .isEqualTo(InetAddress.getLoopbackAddress());
        exchange(client, link);
      }
    }
  }

  @Test
  void theHeaderPrecedesTls() throws Exception {
    try (RawBroker broker = RawBroker.start();
        SecuredGateway _ = secured(broker, 1, ClientTls.of(new TrustSource.SystemDefault()))) {
      RawClient own = broker.accept();
      assertThat(line(own)).isEqualTo("PROXY UNKNOWN\r\n");
      assertThat(own.read(2, Rig.LIMIT)).as("a TLS greeting").containsExactly(0x16, 3);
    }
  }
}
