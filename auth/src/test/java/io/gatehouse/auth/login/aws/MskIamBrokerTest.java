package io.gatehouse.auth.login.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.Brokers;
import io.gatehouse.auth.login.Login;
import io.gatehouse.testkit.broker.MskIamCallbackHandler;
import io.gatehouse.testkit.broker.MskIamLoginModule;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Logs in at a broker-side implementation that recomputes the signature independently. */
class MskIamBrokerTest {

  private static final String ARN = "arn:aws:iam::1:user/alice";
  private static final String HOST = "b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com";
  private static final String TOKEN = "IQoJb3JpZ2luX2VjE+x/y==";

  private static SaslServer broker() throws Exception {
    // Registers the mechanism.
    new MskIamLoginModule().initialize(new Subject(), none -> {}, Map.of(), Map.of());
    MskIamCallbackHandler handler = new MskIamCallbackHandler();
    Map<String, String> options =
        Map.of(
            "host", HOST,
            "region", "eu-west-1",
            "name_AKALICE", ARN,
            "secret_AKALICE", "s3cret",
            "name_ASIAALICE", ARN,
            "secret_ASIAALICE", "s3cret",
            "token_ASIAALICE", TOKEN);
    handler.configure(
        Map.of(),
        "AWS_MSK_IAM",
        List.of(
            new AppConfigurationEntry(
                MskIamLoginModule.class.getName(),
                AppConfigurationEntry.LoginModuleControlFlag.REQUIRED,
                options)));
    SaslServer server = Sasl.createSaslServer("AWS_MSK_IAM", "kafka", HOST, Map.of(), handler);
    assertThat(server).isNotNull();
    return server;
  }

  private static Login login(String id, String secret, @Nullable String token, Duration late) {
    AwsEnvironment machine =
        new AwsEnvironment(
            Map.of("AWS_EC2_METADATA_DISABLED", "true"),
            any -> null,
            Path.of("/nonexistent"),
            InstantSource.fixed(Instant.now().minus(late)));
    AwsKeys keys = new AwsKeys(id, new Secret(secret), token == null ? null : new Secret(token));
    return new MskIam(new AwsAccount(null, null, keys, null), machine);
  }

  @Test
  void acceptsValidSignatures() throws Exception {
    try (Login lasting = login("AKALICE", "s3cret", null, Duration.ZERO);
        Login temporary = login("ASIAALICE", "s3cret", TOKEN, Duration.ZERO)) {
      assertThat(Brokers.talk(lasting.begin(HOST), broker())).isEqualTo(ARN);
      assertThat(Brokers.talk(temporary.begin(HOST), broker())).isEqualTo(ARN);
    }
  }

  @Test
  void refusesOtherSecretsTokensHostsAndTimes() throws Exception {
    try (Login secret = login("AKALICE", "other", null, Duration.ZERO);
        Login token = login("ASIAALICE", "s3cret", null, Duration.ZERO);
        Login host = login("AKALICE", "s3cret", null, Duration.ZERO);
        Login late = login("AKALICE", "s3cret", null, Duration.ofHours(1))) {
      assertThat(Brokers.refusal(secret.begin(HOST), broker())).contains("Access denied");
      assertThat(Brokers.refusal(token.begin(HOST), broker())).contains("Access denied");
      assertThat(Brokers.refusal(host.begin(HOST.replace("b-1", "b-2")), broker()))
          .contains("Access denied");
      assertThat(Brokers.refusal(late.begin(HOST), broker())).contains("Access denied");
    }
  }
}
