package io.gatehouse.auth.login.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.auth.login.Brokers;
import io.gatehouse.auth.login.FakeHttp;
import io.gatehouse.auth.login.FakeHttp.Answer;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.Tokens;
import io.gatehouse.auth.login.TrickleServer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Token providers that do not answer properly. */
class KafkaLoginTest {

  private static Map<String, String> by(String endpoint) {
    return Map.of(
        "sasl.mechanism",
        "OAUTHBEARER",
        "sasl.jaas.config",
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
            + " clientId=\"me\" clientSecret=\"x\";",
        "sasl.oauthbearer.token.endpoint.url",
        endpoint);
  }

  @Test
  @Timeout(60)
  void aSlowAnswerEndsByTheDeadline() throws Exception {
    try (TrickleServer server = new TrickleServer();
        KafkaLogin login =
            new KafkaLogin(SaslProperties.read(by(server.url())), Duration.ofMillis(500))) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> login.begin("broker"))
            .isInstanceOf(LoginFailure.class)
            .hasMessageContaining("takes longer than 500 ms");
      }
    }
  }

  @Test
  @Timeout(60)
  void anExpiredTokenIsNotSent() throws Exception {
    try (FakeHttp endpoint =
            new FakeHttp(asked -> {
              Instant now = Instant.now();
              return Answer.ok(Tokens.answer(Tokens.of("gateway", now, now.plusSeconds(2))));
            });
        KafkaLogin login = new KafkaLogin(SaslProperties.read(by(endpoint.url())))) {
      login.begin("broker").close();
      int before = endpoint.asked().size();
      Instant end = Instant.now().plusSeconds(3);
      await().atMost(Duration.ofSeconds(30)).until(() -> Instant.now().isAfter(end));
      assertThat(Brokers.talk(login.begin("broker"), Brokers.bearer())).isEqualTo("gateway");
      assertThat(endpoint.asked().size()).isGreaterThan(before);
    }
  }
}
