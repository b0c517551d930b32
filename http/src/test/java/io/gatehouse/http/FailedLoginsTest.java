package io.gatehouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailedLoginsTest {
  private static final InetAddress ONE = InetAddress.ofLiteral("192.0.2.1");
  private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.2");

  private Duration time = Duration.ofDays(1);
  private final FailedLogins logins = new FailedLogins(() -> time.toNanos());

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      logins.failed(ONE);
    }
  }

  @Test
  void theWaitDoublesUpToABound() {
    fail(2);
    assertThat(logins.wait(ONE)).isZero();
    fail(1);
    assertThat(logins.wait(ONE)).isEqualTo(Duration.ofMillis(500));
    fail(1);
    assertThat(logins.wait(ONE)).isEqualTo(Duration.ofSeconds(1));
    assertThat(logins.wait(OTHER)).isZero();
    fail(100);
    assertThat(logins.wait(ONE)).isEqualTo(Duration.ofSeconds(16));
    time = time.plusSeconds(16);
    assertThat(logins.wait(ONE)).isZero();
  }

  @Test
  void timeForgives() {
    fail(5);
    time = time.plusMinutes(11);
    fail(1);
    assertThat(logins.wait(ONE)).isZero();
  }

  @Test
  void theAddressesOfOneIpv6NetworkCountAsOne() {
    for (int i = 0; i < 5; i++) {
      logins.failed(InetAddress.ofLiteral("2001:db8::" + i));
    }
    assertThat(logins.wait(InetAddress.ofLiteral("2001:db8::ffff"))).isPositive();
    assertThat(logins.wait(InetAddress.ofLiteral("2001:db8:0:1::1"))).isZero();
  }

  @Test
  void onlySoManyAddressesAreRemembered() {
    fail(5);
    for (int i = 0; i < 10_000; i++) {
      logins.failed(InetAddress.ofLiteral("10.0.%d.%d".formatted(i >> 8, i & 255)));
    }
    assertThat(logins.wait(ONE)).isZero();
  }
}
