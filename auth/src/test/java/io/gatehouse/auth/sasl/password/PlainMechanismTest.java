package io.gatehouse.auth.sasl.password;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.Clients;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainMechanismTest {

  private final PlainMechanism plain =
      new PlainMechanism(
          new FixedUsers(
              Map.of(
                  "alice", new Secret("alice-secret"), "bob", new Secret("p\u00e4ss:w\u00f6rd"))));

  @ParameterizedTest
  @ValueSource(strings = {"\0alice\0alice-secret", "alice\0alice\0alice-secret"})
  void acceptsValidCredentials(String token) throws Exception {
    SaslExchange exchange = plain.begin(Clients.local());
    assertThat(exchange.outcome()).isNull();
    assertThat(exchange.next(bytes(token))).isEmpty();
    assertThat(exchange.outcome())
        .isEqualTo(new SaslExchange.Outcome(new Principal("alice", "PLAIN"), null));
  }

  @Test
  void passwordsAreUtf8() throws Exception {
    SaslExchange exchange = plain.begin(Clients.local());
    exchange.next(bytes("\0bob\0p\u00e4ss:w\u00f6rd"));
    assertThat(exchange.outcome()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "alice",
        "\0alice",
        "alice\0alice-secret",
        "\0alice\0",
        "\0\0alice-secret",
        "\0\0",
        "\0alice\0alice-secret\0",
        "\0alice\0alice-secret\0more",
        "\0alice\n2026 login of bob\0x",
        "\0al\u202eice\0x",
        "\0alice\u2028\0x"
      })
  void refusesInvalidTokens(String token) {
    SaslExchange exchange = plain.begin(Clients.local());
    Clients.refused(Reason.MALFORMED, () -> exchange.next(bytes(token)));
    assertThat(exchange.outcome()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\0alice\0alice-secret2",
        "\0alice\0alice-secre",
        "\0alice\0p\u00e4ss:w\u00f6rd",
        "\0Alice\0alice-secret",
        "\0eve\0alice-secret",
        "bob\0alice\0alice-secret"
      })
  void refusesWrongCredentials(String token) {
    SaslExchange exchange = plain.begin(Clients.local());
    var failure = Clients.refused(Reason.BAD_CREDENTIALS, () -> exchange.next(bytes(token)));
    assertThat(failure).hasMessageNotContainingAny("secre", "w\u00f6rd");
    assertThat(failure.toClient()).doesNotContainIgnoringCase("alice");
    assertThat(exchange.outcome()).isNull();
  }

  @Test
  void takesOneToken() throws Exception {
    SaslExchange exchange = plain.begin(Clients.local());
    exchange.next(bytes("\0alice\0alice-secret"));
    Clients.refused(Reason.MALFORMED, () -> exchange.next(bytes("\0alice\0alice-secret")));

    SaslExchange failed = plain.begin(Clients.local());
    Clients.refused(Reason.BAD_CREDENTIALS, () -> failed.next(bytes("\0alice\0wrong")));
    Clients.refused(Reason.MALFORMED, () -> failed.next(bytes("\0alice\0alice-secret")));
    assertThat(failed.outcome()).isNull();
  }

  @Test
  void refusesEndlessTokens() {
    Clients.refused(
        Reason.MALFORMED,
        () -> plain.begin(Clients.local()).next(bytes("\0alice\0" + "x".repeat(20_000))));
  }

  private static byte[] bytes(String token) {
    return token.getBytes(StandardCharsets.UTF_8);
  }
}
