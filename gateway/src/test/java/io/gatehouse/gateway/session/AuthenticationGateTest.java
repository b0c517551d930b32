package io.gatehouse.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.identity.sasl.SaslFailure;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

/** Whose failures are counted against whom. */
class AuthenticationGateTest {

  private final AuthenticationGate gate = new AuthenticationGate();

  private void fail(String address, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      gate.failed(InetAddress.getByName(address));
    }
  }

  @Test
  void manyAddressesOfOneIpv6NetworkAreOneGuesser() throws Exception {
    for (int i = 0; i < 40; i++) {
      fail("2001:db8:0:1::" + Integer.toHexString(i), 1);
    }
    assertThatThrownBy(() -> gate.pass(InetAddress.getByName("2001:db8:0:1::beef"), () -> 1))
        .isInstanceOf(SaslFailure.class)
        .hasMessageContaining("too many failures");
    assertThat(gate.pass(InetAddress.getByName("2001:db8:0:2::1"), () -> 1)).isEqualTo(1);
  }

  @Test
  void neighboursByIpv4AreNot() throws Exception {
    fail("192.0.2.1", 40);
    assertThat(gate.pass(InetAddress.getByName("192.0.2.2"), () -> 1)).isEqualTo(1);
  }
}
