package io.gatehouse.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.junit.jupiter.api.Test;

class MskIamLoginTest {

  private static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final MskIamLogin LOGIN =
      new MskIamLogin(
          Map.of(
              "host", "localhost",
              "region", "eu-west-1",
              "secret_AKID", SECRET,
              "name_AKID", "arn:aws:iam::1:user/alice",
              "secret_ASIA", SECRET,
              "token_ASIA", "a/b+c=="));

  /** The example of the AWS documentation, "Examples of how to derive a signing key". */
  @Test
  void signingKeyIsAws() {
    byte[] key =
        SigV4.signingKey(
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830/us-east-1/iam/aws4_request");
    assertThat(HexFormat.of().formatHex(key))
        .isEqualTo("c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
  }

  /** The AWS example of a presigned GET, "Authenticating Requests: Using Query Parameters". */
  @Test
  void signatureIsAws() {
    TreeMap<String, String> query = new TreeMap<>();
    query.put("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    query.put("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request");
    query.put("X-Amz-Date", "20130524T000000Z");
    query.put("X-Amz-Expires", "86400");
    query.put("X-Amz-SignedHeaders", "host");
    SigV4 request =
        new SigV4("examplebucket.s3.amazonaws.com", "/test.txt", query, "UNSIGNED-PAYLOAD");
    assertThat(request.sign(SECRET, "20130524/us-east-1/s3/aws4_request", "20130524T000000Z"))
        .isEqualTo("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
  }

  @Test
  void validMessagesAreAccepted() {
    assertThat(LOGIN.judge(message(_ -> {}), NOW)).isEqualTo("arn:aws:iam::1:user/alice");
    assertThat(LOGIN.judge(message(_ -> {}), NOW.plus(Duration.ofMinutes(4)))).isNotEmpty();
    assertThat(
            LOGIN.judge(
                message(fields -> {
                  fields.put(
                      "x-amz-credential", "ASIA/20260301/eu-west-1/kafka-cluster/aws4_request");
                  fields.put("x-amz-security-token", "a/b+c==");
                }),
                NOW))
        .isEqualTo("ASIA");
  }

  @Test
  void invalidMessagesAreRefused() {
    refused("wrong signature", signed(_ -> {}, fields -> fields.put("x-amz-expires", "299")));
    refused("wrong signature", signed(_ -> {}, fields -> fields.put("x-amz-signature", "00")));
    refused("no x-amz-signature", signed(_ -> {}, fields -> fields.remove("x-amz-signature")));
    refused("signed for host other", message(fields -> fields.put("host", "other")));
    refused("version is 1", message(fields -> fields.put("version", "1")));
    refused("action is kafka-cluster:Read", message(f -> f.put("action", "kafka-cluster:Read")));
    refused("valid for 901 s", message(fields -> fields.put("x-amz-expires", "901")));
    refused(
        "unknown access key OTHER",
        message(
            f -> f.put("x-amz-credential", "OTHER/20260301/eu-west-1/kafka-cluster/aws4_request")));
    refused(
        "wrong scope",
        message(
            f -> f.put("x-amz-credential", "AKID/20260301/us-east-1/kafka-cluster/aws4_request")));
    refused(
        "wrong scope",
        message(
            f -> f.put("x-amz-credential", "AKID/20260302/eu-west-1/kafka-cluster/aws4_request")));
    refused("wrong session token", message(f -> f.put("x-amz-security-token", "x")));
    refused("no version", "nonsense".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> LOGIN.judge(message(_ -> {}), NOW.plus(Duration.ofMinutes(6))))
        .isInstanceOf(SaslAuthenticationException.class)
        .hasMessageContaining("signed at 20260301T120000Z for 300 s");
    assertThatThrownBy(() -> LOGIN.judge(message(_ -> {}), NOW.minus(Duration.ofMinutes(6))))
        .isInstanceOf(SaslAuthenticationException.class);
  }

  private static void refused(String reason, byte[] message) {
    assertThatThrownBy(() -> LOGIN.judge(message, NOW))
        .isInstanceOf(SaslAuthenticationException.class)
        .hasMessageContaining("Access denied: " + reason);
  }

  private static byte[] message(Consumer<Map<String, String>> change) {
    return signed(change, _ -> {});
  }

  /** A message that is signed after the first change and before the second. */
  static byte[] signed(Consumer<Map<String, String>> change, Consumer<Map<String, String>> tamper) {
    Map<String, String> fields = new TreeMap<>();
    fields.put("version", "2020_10_22");
    fields.put("host", "localhost");
    fields.put("user-agent", "test");
    fields.put("action", "kafka-cluster:Connect");
    fields.put("x-amz-algorithm", "AWS4-HMAC-SHA256");
    fields.put("x-amz-credential", "AKID/20260301/eu-west-1/kafka-cluster/aws4_request");
    fields.put("x-amz-date", "20260301T120000Z");
    fields.put("x-amz-signedheaders", "host");
    fields.put("x-amz-expires", "300");
    change.accept(fields);
    TreeMap<String, String> query = new TreeMap<>();
    query.put("Action", fields.getOrDefault("action", ""));
    query.put("X-Amz-Algorithm", fields.getOrDefault("x-amz-algorithm", ""));
    query.put("X-Amz-Credential", fields.getOrDefault("x-amz-credential", ""));
    query.put("X-Amz-Date", fields.getOrDefault("x-amz-date", ""));
    query.put("X-Amz-Expires", fields.getOrDefault("x-amz-expires", ""));
    query.put("X-Amz-SignedHeaders", fields.getOrDefault("x-amz-signedheaders", ""));
    String token = fields.get("x-amz-security-token");
    if (token != null) {
      query.put("X-Amz-Security-Token", token);
    }
    String credential = fields.getOrDefault("x-amz-credential", "");
    fields.put(
        "x-amz-signature",
        new SigV4(fields.getOrDefault("host", ""), "/", query, SigV4.EMPTY)
            .sign(
                SECRET,
                credential.substring(credential.indexOf('/') + 1),
                fields.getOrDefault("x-amz-date", "")));
    tamper.accept(fields);
    return fields.entrySet().stream()
        .map(entry ->
            "\"" + entry.getKey() + "\" : \"" + entry.getValue().replace("/", "\\/") + "\"")
        .collect(Collectors.joining(", ", "{", "}"))
        .getBytes(StandardCharsets.UTF_8);
  }
}
