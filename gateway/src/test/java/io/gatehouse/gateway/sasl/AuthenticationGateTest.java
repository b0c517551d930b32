package io.gatehouse.gateway.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.gateway.sasl.AuthenticationGate.Attempt;
import io.gatehouse.gateway.settings.LoginLimits;
import io.gatehouse.gateway.settings.Network;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whose failures are counted against whom. */
class AuthenticationGateTest {

  private static final String HERE = "192.0.2.1";

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may overflow
  private AuthenticationGate gate = gate(LoginLimits.DEFAULT);

  private AuthenticationGate gate(LoginLimits limits) {
    return new AuthenticationGate(limits, now::get);
  }

  private static Attempt from(String address, @Nullable String name) {
    return new Attempt(address(address), name, false, false);
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private void fail(Attempt attempt, int times) {
    for (int i = 0; i < times; i++) {
      gate.failed(attempt);
    }
  }

  private void isHeard(Attempt attempt) throws SaslFailure {
    assertThat(gate.<Integer>verify(attempt, () -> 1)).isEqualTo(1);
  }

  private void isThrottled(Attempt attempt, String why) {
    assertThatThrownBy(() -> gate.<Integer>verify(attempt, () -> 1))
        .isInstanceOf(SaslFailure.class)
        .hasMessageContaining(why);
  }

  @Test
  void aFailingNameIsThrottledAtItsAddressOnly() throws Exception {
    fail(from(HERE, "alice"), 19);
    isHeard(from(HERE, "alice"));
    fail(from(HERE, "alice"), 1);

    isThrottled(from(HERE, "alice"), "of this name");
    isThrottled(from(HERE, "ALICE "), "of this name");
    isHeard(from(HERE, "bob"));
    isHeard(from(HERE, null));
    isHeard(from("192.0.2.2", "alice"));
  }

  @Test
  void failuresAreForgivenOneByOne() throws Exception {
    fail(from(HERE, "alice"), 20);
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    isHeard(from(HERE, "alice"));
    fail(from(HERE, "alice"), 1);
    isThrottled(from(HERE, "alice"), "of this name");
    now.addAndGet(TimeUnit.SECONDS.toNanos(20));
    fail(from(HERE, "alice"), 19);
    isHeard(from(HERE, "alice"));
  }

  @Test
  void theLimitPerAddressIsHigherThanPerName() throws Exception {
    for (int i = 0; i < 199; i++) {
      fail(from(HERE, "user-" + i), 1);
    }
    isHeard(from(HERE, "stranger"));
    fail(from(HERE, null), 1);

    isThrottled(from(HERE, "stranger"), "from this address");
    isThrottled(from(HERE, null), "from this address");
    isHeard(from("192.0.2.2", "stranger"));
  }

  @Test
  void aSuccessForgivesFailuresOfItsNameOnly() throws Exception {
    fail(from(HERE, "alice"), 15);
    for (int i = 0; i < 190; i++) {
      fail(from(HERE, "user-" + i), 1);
    }
    isThrottled(from(HERE, "stranger"), "from this address");

    gate.succeeded(from(HERE, "alice"));

    isHeard(from(HERE, "stranger")); // 190 are left
    fail(from(HERE, "alice"), 19);
    isThrottled(from(HERE, "stranger"), "from this address");
    isHeard(from(HERE, "alice")); // it has logged in from here
    fail(from(HERE, "alice"), 1);
    isThrottled(from(HERE, "alice"), "of this name");
  }

  @Test
  void anAuthenticatedSessionIsNeverThrottled() throws Exception {
    fail(from(HERE, "alice"), 500);
    isHeard(new Attempt(address(HERE), "alice", false, true));
  }

  @Test
  void failuresOfBalancersAndExemptNetworksAreNotCounted() throws Exception {
    gate =
        gate(
            new LoginLimits(
                2, 4, Duration.ofDays(1), 8, 1, List.of(Network.parse("2001:db8::7/128"))));
    for (Attempt many :
        List.of(new Attempt(address(HERE), "a", true, false), from("2001:db8::7", "a"))) {
      fail(many, 100);
      isHeard(many);
    }
    fail(from("2001:db8::8", "a"), 2);
    isThrottled(from("2001:db8::8", "a"), "of this name");
  }

  @Test
  void uncheckedLoginsAreNotFailures() throws Exception {
    for (int i = 0; i < 500; i++) {
      for (var reason : List.of(SaslFailure.Reason.UNAVAILABLE, SaslFailure.Reason.THROTTLED)) {
        assertThatThrownBy(() ->
                gate.verify(
                    from(HERE, "alice"),
                    () -> {
                      throw new SaslFailure(reason, "no");
                    }))
            .hasMessage("no");
      }
    }
    isHeard(from(HERE, "alice"));
  }

  @Test
  void namesWithControlCharactersAreRefused() {
    assertThatThrownBy(() ->
            gate.verify(from(HERE, null), () -> new Principal("alice\nbob logs in", "OAUTHBEARER")))
        .isInstanceOfSatisfying(
            SaslFailure.class,
            failure -> assertThat(failure.reason()).isEqualTo(SaslFailure.Reason.NOT_FOR_US));
  }

  @Test
  void zeroMeansNoLimit() throws Exception {
    gate = gate(new LoginLimits(0, 0, Duration.ofSeconds(1), 8, 1, List.of()));
    fail(from(HERE, "alice"), 5000);
    isHeard(from(HERE, "alice"));
  }

  @Test
  void memoryIsBoundedForManyNamesAndAddresses() throws Exception {
    for (int i = 0; i < 50_000; i++) {
      Attempt one = from("2001:db8:%x:%x::1".formatted(i >> 8, i & 0xFF), "name-" + i);
      assertThat(gate.<Integer>verify(one, () -> 1)).isEqualTo(1);
      gate.failed(one);
      if (i % 2 == 0) {
        gate.succeeded(one);
        gate.failed(one);
      }
    }
    assertThat(gate.entries()).isLessThanOrEqualTo(30_000);
  }

  @Test
  void addressesOfAnIpv6NetworkAreThrottledTogether() throws Exception {
    for (int i = 0; i < 40; i++) {
      fail(from("2001:db8:0:1::" + Integer.toHexString(i), "alice"), 1);
    }
    isThrottled(from("2001:db8:0:1::beef", "alice"), "of this name");
    isHeard(from("2001:db8:0:2::1", "alice"));
  }
}
