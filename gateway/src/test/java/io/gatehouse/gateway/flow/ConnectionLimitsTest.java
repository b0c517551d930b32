package io.gatehouse.gateway.flow;

import static io.gatehouse.gateway.metrics.CloseReason.TOO_MANY_CONNECTIONS;
import static io.gatehouse.gateway.metrics.CloseReason.TOO_MANY_FROM_ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.settings.Limits;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

/** Which addresses count together. */
class ConnectionLimitsTest {

  private static ConnectionLimits limits(int all, int perAddress) {
    Limits usual = Limits.DEFAULT;
    return new ConnectionLimits(
        new Limits(
            usual.frameBytes(),
            all,
            perAddress,
            usual.inFlightRequests(),
            usual.bufferedBytes(),
            usual.incompleteBytes()));
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void addressesOfAnIpv6NetworkCountTogether() {
    ConnectionLimits limits = limits(0, 2);
    assertThat(limits.enter(address("2001:db8:1:2::1"))).isNull();
    assertThat(limits.enter(address("2001:db8:1:2:ffff::2"))).isNull();
    assertThat(limits.enter(address("2001:db8:1:2:3:4:5:6"))).isEqualTo(TOO_MANY_FROM_ADDRESS);
    assertThat(limits.enter(address("2001:db8:1:3::1"))).isNull();

    limits.leave(address("2001:db8:1:2:ffff::2"));

    assertThat(limits.enter(address("2001:db8:1:2:3:4:5:6"))).isNull();
  }

  @Test
  void ipv4AddressesCountSeparately() {
    ConnectionLimits limits = limits(0, 1);
    assertThat(limits.enter(address("192.0.2.1"))).isNull();
    assertThat(limits.enter(address("192.0.2.2"))).isNull();
    assertThat(limits.enter(address("::ffff:192.0.2.1"))).isEqualTo(TOO_MANY_FROM_ADDRESS);
  }

  @Test
  void theAddressOfAProxyHeaderIsCounted() {
    ConnectionLimits limits = limits(0, 1);
    assertThat(limits.enter(null)).isNull();
    assertThat(limits.enter(null)).as("a balancer's next one").isNull();
    assertThat(limits.move(null, address("192.0.2.1"))).isNull();
    assertThat(limits.move(null, address("192.0.2.1"))).isEqualTo(TOO_MANY_FROM_ADDRESS);
    limits.leave(null); // the address it was counted by
    limits.leave(address("192.0.2.1"));

    assertThat(limits.open()).isZero();
    assertThat(limits.enter(address("192.0.2.1"))).isNull();
  }

  @Test
  void theTotalIsLimited() {
    ConnectionLimits limits = limits(2, 0);
    assertThat(limits.enter(null)).isNull();
    assertThat(limits.enter(address("192.0.2.1"))).isNull();
    assertThat(limits.enter(null)).isEqualTo(TOO_MANY_CONNECTIONS);
    assertThat(limits.move(null, address("192.0.2.1"))).as("it is in already").isNull();
    assertThat(limits.open()).isEqualTo(2);
  }
}
