package io.gatehouse.gateway.acl;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Seed;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.random.RandomGenerator;
import org.apache.kafka.server.authorizer.internals.CidrUtils;
import org.junit.jupiter.api.Test;

/** Compares networks with Kafka's. */
class HostPatternTest {

  /** Addresses of both families that differ from that of the network in one bit near its border. */
  @Test
  void networksContainWhatKafkasContain() throws UnknownHostException {
    int inside = 0;
    int cases = 20_000;
    for (int i = 0; i < cases; i++) {
      RandomGenerator random = Seed.random("network", i);
      byte[] address = Seed.bytes(random, random.nextBoolean() ? 4 : 16);
      int all = 8 * address.length;
      int bits = random.nextInt(all + 1);
      String network = InetAddress.getByAddress(address).getHostAddress() + "/" + bits;
      byte[] other = address.clone();
      int flipped = Math.clamp(bits + random.nextInt(5) - 2L, 0, all - 1);
      other[flipped >> 3] ^= (byte) (0x80 >> (flipped & 7));
      String host = InetAddress.getByAddress(other).getHostAddress();
      boolean expected = CidrUtils.isInRange(host, network);
      assertThat(contains(network, host))
          .as("%s: %s in %s", Seed.replay(), host, network)
          .isEqualTo(expected);
      inside += expected ? 1 : 0;
    }
    assertThat(inside).isBetween(cases / 3, cases * 2 / 3);
  }

  private static boolean contains(String network, String host) {
    return HostPattern.parse(network) instanceof HostPattern.Network pattern
        && new ClientHost(host).isIn(pattern);
  }
}
