package io.gatehouse.auth.login.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.JsonObject;
import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.kafka.Logins;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MskIamTest {

  private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  private static final String BROKER = "b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com";
  private static final InstantSource NOON =
      InstantSource.fixed(Instant.parse("2026-11-21T12:00:00Z"));

  private static AwsEnvironment machine(Map<String, String> environment) {
    Map<String, String> variables = new HashMap<>(environment);
    variables.put("AWS_EC2_METADATA_DISABLED", "true");
    return new AwsEnvironment(variables, any -> null, Path.of("/nonexistent"), NOON);
  }

  private static AwsAccount account(@Nullable String token) {
    return new AwsAccount(
        null,
        null,
        new AwsKeys("AKIDEXAMPLE", new Secret(SECRET), token == null ? null : new Secret(token)),
        null);
  }

  private static JsonObject payload(Login login, String host) throws LoginFailure {
    try (LoginExchange exchange = login.begin(host)) {
      return JsonObject.read(new String(exchange.first(), UTF_8), "payload");
    }
  }

  /** The expected signatures are those of botocore 1.x (SigV4QueryAuth) for the same request. */
  @Test
  void signsAsBotocoreDoes() throws Exception {
    try (Login login = new MskIam(account(null), machine(Map.of()))) {
      assertThat(payload(login, BROKER).members())
          .containsOnly(
              Map.entry("version", "2020_10_22"),
              Map.entry("host", BROKER),
              Map.entry("user-agent", "gatehouse"),
              Map.entry("action", "kafka-cluster:Connect"),
              Map.entry("x-amz-algorithm", "AWS4-HMAC-SHA256"),
              Map.entry(
                  "x-amz-credential", "AKIDEXAMPLE/20261121/eu-west-1/kafka-cluster/aws4_request"),
              Map.entry("x-amz-date", "20261121T120000Z"),
              Map.entry("x-amz-expires", "900"),
              Map.entry("x-amz-signedheaders", "host"),
              Map.entry(
                  "x-amz-signature",
                  "e14baaa85624c0bc62d6d16c2856037e1f0ab31330e7d9445f19d1776d9eba7e"));
    }
  }

  @Test
  void includesTheSessionToken() throws Exception {
    try (Login login = new MskIam(account("IQoJb3JpZ2luX2VjE+x/y=="), machine(Map.of()))) {
      assertThat(payload(login, BROKER).members())
          .containsEntry("x-amz-security-token", "IQoJb3JpZ2luX2VjE+x/y==")
          .containsEntry(
              "x-amz-signature",
              "76bb7837ca3cbfca14ced37f043f002b09cf10711dd422a1b35eb5c31410ac0d");
    }
  }

  @Test
  void theRegionIsTheConfiguredOneElseTheBrokersElseTheMachines() throws Exception {
    AwsEnvironment machine = machine(Map.of("AWS_DEFAULT_REGION", "ap-south-1"));
    AwsAccount configured = new AwsAccount("us-west-2", null, account(null).keys(), null);
    try (Login login = new MskIam(configured, machine);
        Login other = new MskIam(account(null), machine)) {
      assertThat(payload(login, BROKER).text("x-amz-credential")).contains("/us-west-2/");
      assertThat(payload(other, BROKER).text("x-amz-credential")).contains("/eu-west-1/");
      assertThat(payload(other, "broker.example.com").text("x-amz-credential"))
          .contains("/ap-south-1/");
    }
    try (Login login = new MskIam(account(null), machine(Map.of()))) {
      assertThatThrownBy(() -> login.begin("broker.example.com"))
          .isInstanceOf(LoginFailure.class)
          .hasMessageContaining("AWS_REGION");
    }
  }

  @Test
  void regionsStandInBrokerNames() {
    assertThat(Regions.ofHost(BROKER)).isEqualTo("eu-west-1");
    assertThat(Regions.ofHost("boot-x1.c2.kafka-serverless.us-gov-east-1.amazonaws.com"))
        .isEqualTo("us-gov-east-1");
    assertThat(Regions.ofHost("b-2.x.y.c3.kafka.cn-north-1.amazonaws.com.cn"))
        .isEqualTo("cn-north-1");
    assertThat(Regions.ofHost("eu-west-1.example.com")).isNull();
    assertThat(Regions.ofHost("b-1.kafka.eu-west-1.amazonaws.com.evil.example")).isNull();
  }

  @Test
  void theExchangeEndsWithTheBrokersAnswer() throws Exception {
    try (Login login = new MskIam(account(null), machine(Map.of()));
        LoginExchange exchange = login.begin(BROKER)) {
      exchange.first();
      assertThat(exchange.isComplete()).isFalse();
      byte[] answer = "{\"version\":\"2020_10_22\",\"request-id\":\"x\"}".getBytes(UTF_8);
      assertThat(exchange.next(answer)).isNull();
      assertThat(exchange.isComplete()).isTrue();
    }
    try (Login login = new MskIam(account(null), machine(Map.of()));
        LoginExchange exchange = login.begin(BROKER)) {
      exchange.first();
      assertThatThrownBy(() -> exchange.next("{\"version\":\"1999\"}".getBytes(UTF_8)))
          .isInstanceOf(LoginFailure.class);
      assertThatThrownBy(() -> exchange.next("what?".getBytes(UTF_8)))
          .isInstanceOf(LoginFailure.class);
      assertThat(exchange.isComplete()).isFalse();
    }
  }

  @Test
  void propertiesOfAJavaClient() throws Exception {
    for (String handler : MskIam.HANDLERS) {
      Map<String, String> properties =
          Map.of(
              "security.protocol",
              "SASL_SSL",
              "sasl.mechanism",
              "AWS_MSK_IAM",
              "sasl.jaas.config",
              "software.amazon.msk.auth.iam.IAMLoginModule required;",
              "sasl.client.callback.handler.class",
              handler,
              "aws.access.key.id",
              "AKIDEXAMPLE",
              "aws.secret.access.key",
              SECRET);
      try (Login login = Logins.of(properties)) {
        assertThat(login.mechanism()).isEqualTo("AWS_MSK_IAM");
        assertThat(payload(login, BROKER).text("x-amz-credential"))
            .startsWith("AKIDEXAMPLE/")
            .endsWith("/eu-west-1/kafka-cluster/aws4_request");
      }
    }
  }

  @Test
  void optionsOfTheLoginModule() {
    assertThat(
            MskIam.account(
                Map.of(
                    "awsProfileName", "dev",
                    "awsRoleArn", "arn:aws:iam::123456789012:role/r",
                    "awsRoleSessionName", "me",
                    "awsStsRegion", "eu-west-3",
                    "awsDebugCreds", "true"),
                Map.of("aws.region", "eu-west-2")))
        .isEqualTo(
            new AwsAccount(
                "eu-west-2",
                "dev",
                null,
                new AwsRole("arn:aws:iam::123456789012:role/r", "me", null, "eu-west-3")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MskIam.account(Map.of("awsProfile", "dev"), Map.of()))
        .withMessageContaining("no option awsProfile;")
        .withMessageContaining("awsProfileName");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MskIam.account(Map.of(), Map.of("aws.secret.access.key", SECRET)))
        .withMessageContaining("aws.access.key.id")
        .withMessageNotContaining(SECRET);
  }
}
