package io.gatehouse.auth.login.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.login.Brokers;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.Tokens;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TokenLoginTest {

  private volatile Instant now = Instant.now();
  private final AtomicInteger asked = new AtomicInteger();

  @Test
  void logsInAtABroker() throws Exception {
    TokenProvider provider = () -> Tokens.of("bot", now, now.plusSeconds(60));
    try (TokenLogin login = new TokenLogin(provider)) {
      assertThat(login.mechanism()).isEqualTo("OAUTHBEARER");
      assertThat(Brokers.talk(login.begin("broker"), Brokers.bearer())).isEqualTo("bot");
    }
  }

  @Test
  void aTokenIsKeptUntilShortlyBeforeItsEnd() throws Exception {
    TokenProvider provider =
        () -> Tokens.of("bot" + asked.incrementAndGet(), now, now.plusSeconds(3600));
    try (TokenLogin login = new TokenLogin(provider, () -> now)) {
      String first = login.token();
      now = now.plusSeconds(3290);
      assertThat(login.token()).isEqualTo(first);
      now = now.plusSeconds(20);
      assertThat(login.token()).isNotEqualTo(first);
      assertThat(asked).hasValue(2);
    }
  }

  @Test
  void aTokenWithoutExpiryIsFetchedEachTime() throws Exception {
    try (TokenLogin login = new TokenLogin(() -> "opaque" + asked.incrementAndGet())) {
      assertThat(login.token()).isEqualTo("opaque1");
      assertThat(login.token()).isEqualTo("opaque2");
    }
  }

  @Test
  void aRefusedTokenIsReported() throws Exception {
    try (TokenLogin login = new TokenLogin(() -> Tokens.of("old", now, now.minusSeconds(9)))) {
      LoginExchange exchange = login.begin("broker");
      byte[] error = Brokers.bearer().evaluateResponse(exchange.first());
      assertThat(new String(error, UTF_8)).contains("invalid_token");
      assertThat(exchange.next(error)).isEqualTo(new byte[] {1});
      assertThat(exchange.isComplete()).isFalse();
      assertThatThrownBy(() -> exchange.next(new byte[0]))
          .isInstanceOf(LoginFailure.class)
          .hasMessageContaining("refuses the token: invalid_token");
      assertThat(exchange.isComplete()).isFalse();
    }
  }

  @Test
  void aTokenCannotBreakOutOfTheMessage() {
    TokenLogin login = new TokenLogin(() -> "a\u0001host=evil\u0001");
    assertThatThrownBy(() -> login.begin("broker"))
        .isInstanceOf(LoginFailure.class)
        .hasMessageNotContaining("evil");
    login.close();
  }

  @Test
  void closingClosesTheProvider() {
    AtomicBoolean closed = new AtomicBoolean();
    TokenProvider provider =
        new TokenProvider() {
          @Override
          public String token() {
            return "x";
          }

          @Override
          public void close() {
            closed.set(true);
          }
        };
    new TokenLogin(provider).close();
    assertThat(closed).isTrue();
  }

  @Test
  void unsecuredTokens() throws Exception {
    TokenProvider provider =
        TokenProviders.named("unsecured-jwt-provider", List.of("--claim-sub", "alice"));
    try (TokenLogin login = new TokenLogin(provider)) {
      assertThat(login.token()).endsWith(".");
      assertThat(TokenLogin.expiry(login.token()))
          .isBetween(now.plusSeconds(3500), now.plusSeconds(3700));
      assertThat(Brokers.talk(login.begin("broker"), Brokers.bearer())).isEqualTo("alice");
    }
  }

  /** Brokers read more forms of a token than a strict parser; the expiry is needed all the same. */
  @Test
  void theExpiryIsReadWhateverTheOtherClaimsAre() {
    String claims = "{\"exp\":1767225600,\"iss\":1,\"aud\":{},\"nbf\":\"soon\"}";
    String token =
        "e30."
            + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(UTF_8))
            + ".c2ln";
    assertThat(TokenLogin.expiry(token)).isEqualTo(Instant.ofEpochSecond(1_767_225_600));
    assertThat(TokenLogin.expiry("opaque")).isNull();
    assertThat(TokenLogin.expiry("e30.e30.e30")).isNull();
  }

  @Test
  void parametersAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenProviders.named("/opt/my-provider", List.of()))
        .withMessageContaining("a program is a plugin");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenProviders.named("unsecured-jwt-provider", List.of()))
        .withMessage("unsecured-jwt-provider needs --claim-sub");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenProviders.named("unsecured-jwt-provider", List.of("--sub=alice")))
        .withMessage("unsecured-jwt-provider has no parameter --sub; it has --claim-sub");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenProviders.named("unsecured-jwt-provider", List.of("-claim-sub")))
        .withMessageContaining("has no value");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> TokenProviders.named("google-id-provider", List.of("--adc", "--timeout=0")))
        .withMessageContaining("--timeout is no number of seconds");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenProviders.named("google-id-provider", List.of("--adc=maybe")))
        .withMessageContaining("--adc is neither true nor false");
  }
}
