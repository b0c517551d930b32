package io.gatehouse.auth.login.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The expected signatures are those of the examples in the AWS documentation. */
class SigV4Test {

  private static final byte[] NOTHING = {};

  private static AwsCredentials credentials(String id, String secret, @Nullable String token) {
    return new AwsCredentials(
        id, new Secret(secret), token == null ? null : new Secret(token), Instant.MAX);
  }

  private static final AwsCredentials EXAMPLE =
      credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);

  private static SigV4 suite() {
    return new SigV4(EXAMPLE, "us-east-1", "service", Instant.parse("2015-08-30T12:36:00Z"));
  }

  private static String authorization(SigV4 signer, SigV4.Request request, byte[] body) {
    return String.valueOf(signer.sign(request, body).get("authorization"));
  }

  private static SigV4.Request request(
      String method, Map<String, String> query, Map<String, String> headers) {
    return new SigV4.Request(method, "/", new TreeMap<>(query), new TreeMap<>(headers));
  }

  @Test
  void getVanillaOfTheTestSuite() {
    assertThat(
            authorization(
                suite(),
                request("GET", Map.of(), Map.of("host", "example.amazonaws.com")),
                NOTHING))
        .isEqualTo(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                + " SignedHeaders=host;x-amz-date,"
                + " Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  }

  @Test
  void queryOrderOfTheTestSuite() {
    assertThat(
            authorization(
                suite(),
                request(
                    "GET",
                    Map.of("Param2", "value2", "Param1", "value1"),
                    Map.of("host", "example.amazonaws.com")),
                NOTHING))
        .endsWith("Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
  }

  @Test
  void formOfTheTestSuite() {
    assertThat(
            authorization(
                suite(),
                request(
                    "POST",
                    Map.of(),
                    Map.of(
                        "host",
                        "example.amazonaws.com",
                        "content-type",
                        "application/x-www-form-urlencoded")),
                "Param1=value1".getBytes(UTF_8)))
        .endsWith("Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
  }

  @Test
  void listUsersOfTheGeneralReference() {
    SigV4 signer = new SigV4(EXAMPLE, "us-east-1", "iam", Instant.parse("2015-08-30T12:36:00Z"));
    assertThat(
            authorization(
                signer,
                request(
                    "GET",
                    Map.of("Action", "ListUsers", "Version", "2010-05-08"),
                    Map.of(
                        "host",
                        "iam.amazonaws.com",
                        "content-type",
                        "application/x-www-form-urlencoded; charset=utf-8")),
                NOTHING))
        .endsWith("Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
  }

  @Test
  void presignedUrlOfTheStorageReference() {
    SigV4 signer =
        new SigV4(
            credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", null),
            "us-east-1",
            "s3",
            Instant.parse("2013-05-24T00:00:00Z"));
    Map<String, String> query =
        signer.presign(
            new SigV4.Request(
                "GET",
                "/test.txt",
                new TreeMap<>(),
                new TreeMap<>(Map.of("host", "examplebucket.s3.amazonaws.com"))),
            Duration.ofDays(1),
            "UNSIGNED-PAYLOAD");
    assertThat(query)
        .containsEntry(
            "X-Amz-Signature", "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
        .containsEntry("X-Amz-Expires", "86400")
        .containsEntry(
            "X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request");
  }

  @Test
  void encodesAsRfc3986AndNotAsForms() {
    assertThat(SigV4.encode(new TreeMap<>(Map.of("a b", "*~+/é=", "A", "-_."))))
        .isEqualTo("A=-_.&a%20b=%2A~%2B%2F%C3%A9%3D");
  }
}
