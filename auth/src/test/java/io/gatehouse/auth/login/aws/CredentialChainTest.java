package io.gatehouse.auth.login.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.ChildEnvironment;
import io.gatehouse.auth.Http;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.FakeHttp;
import io.gatehouse.auth.login.FakeHttp.Answer;
import io.gatehouse.auth.login.FakeHttp.Asked;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.LoginFailure;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialChainTest {

  private static final String ROLE = "arn:aws:iam::123456789012:role/kafka";
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir Path home;
  private final Http http = new Http(Duration.ofSeconds(5));
  private final Map<String, String> environment = new HashMap<>();
  private final Map<String, String> properties = new HashMap<>();
  private volatile Instant now = NOON;
  private FakeHttp aws = fake();

  private static FakeHttp fake() {
    try {
      return new FakeHttp(asked -> new Answer(404, ""));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void useLocalEndpoints() {
    environment.put("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.url());
    environment.put("AWS_ENDPOINT_URL_STS", aws.url() + "/");
  }

  @AfterEach
  void close() {
    aws.close();
    http.close();
  }

  private AwsEnvironment machine() {
    InstantSource clock = () -> now;
    return new AwsEnvironment(
        environment, name -> name == null ? null : properties.get(name), home, clock);
  }

  private AwsCredentials fetch(AwsAccount account) throws LoginFailure {
    return new CredentialChain(account, machine(), http).fetch();
  }

  private AwsCredentials fetch() throws LoginFailure {
    return fetch(AwsAccount.byDefault());
  }

  private void write(String file, String text) throws IOException {
    Path path = home.resolve(".aws").resolve(file);
    Files.createDirectories(home.resolve(".aws"));
    Files.writeString(path, text);
  }

  private static Map<String, String> form(Asked asked) {
    Map<String, String> form = new TreeMap<>();
    for (String pair : asked.body().split("&", -1)) {
      String[] parts = pair.split("=", 2);
      form.put(parts[0], URLDecoder.decode(parts[1], UTF_8));
    }
    return form;
  }

  private static String sts(String id, Instant end) {
    return """
    <R xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Credentials>
      <AccessKeyId>%s</AccessKeyId><SecretAccessKey>stsSecret</SecretAccessKey>
      <SessionToken>stsToken</SessionToken><Expiration>%s</Expiration>
    </Credentials></R>\
    """
        .formatted(id, end);
  }

  private static String metadata(String id, @Nullable Instant end) {
    return "{\"Code\":\"Success\",\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"s\",\"Token\":\"t\"%s}"
        .formatted(id, end == null ? "" : ",\"Expiration\":\"" + end + "\"");
  }

  @Test
  void environment() throws Exception {
    environment.put("AWS_ACCESS_KEY_ID", "AKENV");
    environment.put("AWS_SECRET_ACCESS_KEY", "secret");
    environment.put("AWS_SESSION_TOKEN", "token");
    assertThat(fetch())
        .isEqualTo(
            new AwsCredentials("AKENV", new Secret("secret"), new Secret("token"), Instant.MAX));
    properties.put("aws.accessKeyId", "AKPROP");
    properties.put("aws.secretAccessKey", "other");
    assertThat(fetch().accessKeyId()).isEqualTo("AKPROP");
  }

  @Test
  void halfOfAPairIsReported() {
    environment.put("AWS_ACCESS_KEY_ID", "AKENV");
    assertThatThrownBy(this::fetch)
        .isInstanceOf(LoginFailure.class)
        .hasMessageContaining("AWS_ACCESS_KEY_ID is given without AWS_SECRET_ACCESS_KEY");
  }

  @Test
  void missingCredentialsAreReported() {
    assertThatThrownBy(this::fetch)
        .isInstanceOf(LoginFailure.class)
        .hasMessageStartingWith("there are no AWS credentials")
        .hasMessageContaining("AWS_PROFILE");
  }

  @Test
  void webIdentity() throws Exception {
    Path token = Files.writeString(home.resolve("token"), "a.b.c\n");
    environment.put("AWS_WEB_IDENTITY_TOKEN_FILE", token.toString());
    environment.put("AWS_ROLE_ARN", ROLE);
    environment.put("AWS_ROLE_SESSION_NAME", "pod");
    aws.answer(asked -> Answer.ok(sts("ASIAWEB", NOON.plusSeconds(3600))));
    assertThat(fetch().accessKeyId()).isEqualTo("ASIAWEB");
    Asked asked = aws.asked().getLast();
    assertThat(form(asked))
        .containsOnly(
            Map.entry("Action", "AssumeRoleWithWebIdentity"),
            Map.entry("Version", "2011-06-15"),
            Map.entry("RoleArn", ROLE),
            Map.entry("RoleSessionName", "pod"),
            Map.entry("WebIdentityToken", "a.b.c"));
    assertThat(asked.header("authorization")).isEmpty();
  }

  @Test
  void profiles() throws Exception {
    write(
        "credentials",
        """
        [default]
        aws_access_key_id = AKDEFAULT
        aws_secret_access_key = s1
        # a comment
        [dev]
        aws_access_key_id=AKDEV
        aws_secret_access_key=s2=/+ ; said aside
        aws_session_token=t2
        """);
    write(
        "config",
        """
        [default]
        region = eu-north-1
        s3 =
          max_concurrent_requests = 20
        [profile dev]
        region = eu-central-1
        aws_access_key_id = AKOVERRIDDEN
        [sso-session x]
        aws_access_key_id = NOPROFILE
        """);
    assertThat(fetch().accessKeyId()).isEqualTo("AKDEFAULT");
    assertThat(fetch(new AwsAccount(null, "dev", null, null)))
        .isEqualTo(
            new AwsCredentials(
                "AKDEV", new Secret("s2=/+"), new Secret("t2"), NOON.plusSeconds(300)));
    environment.put("AWS_PROFILE", "dev");
    assertThat(fetch().accessKeyId()).isEqualTo("AKDEV");
    assertThat(new CredentialChain(AwsAccount.byDefault(), machine(), http).region())
        .isEqualTo("eu-central-1");
    environment.put("AWS_PROFILE", "x");
    assertThatThrownBy(this::fetch).hasMessageContaining("no AWS profile x");
  }

  @Test
  void anExplicitProfileTakesPrecedenceOverTheEnvironment() throws Exception {
    environment.put("AWS_ACCESS_KEY_ID", "AKENV");
    environment.put("AWS_SECRET_ACCESS_KEY", "secret");
    write("credentials", "[dev]\naws_access_key_id=AKDEV\naws_secret_access_key=s\n");
    assertThat(fetch(new AwsAccount(null, "dev", null, null)).accessKeyId()).isEqualTo("AKDEV");
    assertThatThrownBy(() -> fetch(new AwsAccount(null, "gone", null, null)))
        .isInstanceOf(LoginFailure.class)
        .hasMessageContaining("no AWS profile gone");
  }

  @Test
  void profileWithARoleOfAnotherProfile() throws Exception {
    write(
        "config",
        """
        [profile base]
        aws_access_key_id = AKBASE
        aws_secret_access_key = secret
        [profile target]
        role_arn = %s
        source_profile = base
        external_id = ext
        role_session_name = sess
        region = eu-west-3
        [profile a]
        role_arn = x
        source_profile = b
        [profile b]
        role_arn = x
        source_profile = a
        """
            .formatted(ROLE));
    aws.answer(asked -> Answer.ok(sts("ASIAROLE", NOON.plusSeconds(3600))));
    assertThat(fetch(new AwsAccount(null, "target", null, null)).accessKeyId())
        .isEqualTo("ASIAROLE");
    Asked asked = aws.asked().getLast();
    assertThat(form(asked))
        .containsEntry("Action", "AssumeRole")
        .containsEntry("RoleArn", ROLE)
        .containsEntry("RoleSessionName", "sess")
        .containsEntry("ExternalId", "ext");
    assertThat(asked.header("authorization"))
        .contains("Credential=AKBASE/20261121/eu-west-3/sts/aws4_request");
    assertThatThrownBy(() -> fetch(new AwsAccount(null, "a", null, null)))
        .hasMessageContaining("each other's source_profile");
  }

  @Test
  void credentialProcess() throws Exception {
    write(
        "config",
        """
        [profile tool]
        credential_process = printf '{"Version":1,"AccessKeyId":"AKTOOL","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-11-21T13:00:00Z"}'
        [profile broken]
        credential_process = exit 3
        """);
    assertThat(fetch(new AwsAccount(null, "tool", null, null)))
        .isEqualTo(
            new AwsCredentials("AKTOOL", new Secret("s"), new Secret("t"), NOON.plusSeconds(3600)));
    assertThatThrownBy(() -> fetch(new AwsAccount(null, "broken", null, null)))
        .isInstanceOf(LoginFailure.class)
        .hasMessageContaining("credential_process of the AWS profile broken");
  }

  @Test
  void aCredentialProcessGetsAShortListOfVariables() throws Exception {
    environment.put("PATH", String.valueOf(System.getenv("PATH")));
    environment.put("AWS_TOOL_HINT", "aws");
    environment.put("MY_TOOL_HINT", "mine");
    environment.put("GATEHOUSE_UPSTREAM_LOGIN_PASSWORD", "hidden");
    write(
        "config",
        """
        [profile tool]
        credential_process = printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"%s"}' "$AWS_TOOL_HINT" "${GATEHOUSE_UPSTREAM_LOGIN_PASSWORD-none}$MY_TOOL_HINT"
        """);
    assertThat(fetch(new AwsAccount(null, "tool", null, null)))
        .extracting(AwsCredentials::accessKeyId, AwsCredentials::secretAccessKey)
        .containsExactly("aws", new Secret("none"));
    AwsAccount more =
        new AwsAccount(null, "tool", null, null, ChildEnvironment.DEFAULT.with("MY_*"));
    assertThat(fetch(more).secretAccessKey()).isEqualTo(new Secret("nonemine"));
  }

  @Test
  void container() throws Exception {
    Path token = Files.writeString(home.resolve("auth"), "Bearer pod\n");
    environment.put("AWS_CONTAINER_CREDENTIALS_FULL_URI", aws.url() + "/v1/credentials");
    environment.put("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.toString());
    aws.answer(asked ->
        asked.path().equals("/v1/credentials") && asked.header("authorization").equals("Bearer pod")
            ? Answer.ok(metadata("AKPOD", NOON.plusSeconds(60)))
            : new Answer(403, ""));
    assertThat(fetch())
        .isEqualTo(
            new AwsCredentials("AKPOD", new Secret("s"), new Secret("t"), NOON.plusSeconds(60)));
  }

  @Test
  void aContainersTokenIsSentToKnownHostsOnly() {
    environment.put("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://collector.example.com/creds");
    environment.put("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer pod");
    assertThatThrownBy(this::fetch)
        .isInstanceOf(LoginFailure.class)
        .hasMessageContaining("AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor");
  }

  @Test
  void instance() throws Exception {
    aws.answer(asked ->
        switch (asked.method() + " " + asked.path()) {
          case "PUT /latest/api/token" ->
              asked.header("x-aws-ec2-metadata-token-ttl-seconds").equals("21600")
                  ? Answer.ok("v2token")
                  : new Answer(400, "");
          case "GET /latest/meta-data/iam/security-credentials/" ->
              asked.header("x-aws-ec2-metadata-token").equals("v2token")
                  ? Answer.ok("node-role")
                  : new Answer(401, "");
          case "GET /latest/meta-data/iam/security-credentials/node-role" ->
              Answer.ok(metadata("AKNODE", NOON.plusSeconds(3600)));
          case "GET /latest/meta-data/placement/region" -> Answer.ok("sa-east-1");
          default -> new Answer(404, "");
        });
    assertThat(fetch().accessKeyId()).isEqualTo("AKNODE");
    assertThat(new CredentialChain(AwsAccount.byDefault(), machine(), http).region())
        .isEqualTo("sa-east-1");
    environment.put("AWS_EC2_METADATA_DISABLED", "true");
    assertThatThrownBy(this::fetch).isInstanceOf(LoginFailure.class);
  }

  @Test
  void aRefusedRoleIsReportedWithoutSecrets() {
    aws.answer(asked ->
        new Answer(
            403,
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User may not assume"
                + "</Message></Error></ErrorResponse>"));
    AwsAccount account =
        new AwsAccount(
            "eu-west-1", null, new AwsKeys("AKX", new Secret("topsecret"), null), AwsRole.of(ROLE));
    assertThatThrownBy(() -> fetch(account))
        .isInstanceOf(LoginFailure.class)
        .hasMessageContaining("refuses AssumeRole: 403 AccessDenied: User may not assume")
        .hasMessageNotContaining("topsecret");
  }

  @Test
  void credentialsAreRenewedAheadOfTheirEndAndServeToTheEndWhenThatFails() throws Exception {
    aws.answer(asked -> Answer.ok(sts("ASIA" + aws.asked().size(), now.plusSeconds(3600))));
    AwsAccount account =
        new AwsAccount(
            "eu-west-1", null, new AwsKeys("AKX", new Secret("s"), null), AwsRole.of(ROLE));
    try (MskIam login = new MskIam(account, machine())) {
      assertThat(signedBy(login)).isEqualTo("ASIA1");
      now = NOON.plusSeconds(3600 - 301);
      assertThat(signedBy(login)).isEqualTo("ASIA1");
      assertThat(aws.asked()).hasSize(1);
      now = NOON.plusSeconds(3600 - 299);
      assertThat(signedBy(login)).isEqualTo("ASIA2");
      now = now.plusSeconds(3600 - 100);
      aws.answer(asked -> new Answer(500, ""));
      assertThat(signedBy(login)).isEqualTo("ASIA2");
      assertThat(aws.asked()).hasSize(3);
      assertThat(signedBy(login)).as("not asked again at once").isEqualTo("ASIA2");
      assertThat(aws.asked()).hasSize(3);
      now = now.plusSeconds(101);
      assertThatThrownBy(() -> login.begin("b.kafka.eu-west-1.amazonaws.com"))
          .isInstanceOf(LoginFailure.class)
          .hasMessageContaining("500");
    }
  }

  private static String signedBy(MskIam login) throws LoginFailure {
    try (LoginExchange exchange = login.begin("b.kafka.eu-west-1.amazonaws.com")) {
      return new String(exchange.first(), UTF_8).replaceAll(".*credential\":\"([^\\\\/]*).*", "$1");
    }
  }

  @Test
  void callerIdentity() throws Exception {
    environment.put("AWS_ACCESS_KEY_ID", "AKENV");
    environment.put("AWS_SECRET_ACCESS_KEY", "secret");
    environment.put("AWS_REGION", "eu-west-1");
    aws.answer(asked ->
        Answer.ok(
            "<GetCallerIdentityResponse><GetCallerIdentityResult>"
                + "<Arn>arn:aws:iam::123456789012:user/gate</Arn>"
                + "</GetCallerIdentityResult></GetCallerIdentityResponse>"));
    assertThat(MskIam.identity(AwsAccount.byDefault(), machine()))
        .isEqualTo("arn:aws:iam::123456789012:user/gate");
    assertThat(aws.asked().getLast().header("authorization"))
        .startsWith("AWS4-HMAC-SHA256 Credential=AKENV/20261121/eu-west-1/sts/aws4_request")
        .contains("SignedHeaders=content-type;host;x-amz-date");
  }
}
