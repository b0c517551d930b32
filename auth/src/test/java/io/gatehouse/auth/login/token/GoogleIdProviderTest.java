package io.gatehouse.auth.login.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import io.gatehouse.auth.login.FakeHttp;
import io.gatehouse.auth.login.FakeHttp.Answer;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.Tokens;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoogleIdProviderTest {

  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(NOON);
  private static final String TOKEN = Tokens.of("robot", NOON, NOON.plusSeconds(3600));
  private static final Answer ID = Answer.ok("{\"id_token\":\"" + TOKEN + "\"}");

  @TempDir Path folder;

  private Path serviceAccount(KeyPair key, String url) throws Exception {
    String pem =
        "-----BEGIN PRIVATE KEY-----\\n"
            + Base64.getMimeEncoder(64, "\n".getBytes(UTF_8))
                .encodeToString(key.getPrivate().getEncoded())
                .replace("\n", "\\n")
            + "\\n-----END PRIVATE KEY-----\\n";
    return Files.writeString(
        folder.resolve("account.json"),
        """
        {"type":"service_account","private_key_id":"k1","private_key":"%s",
         "client_email":"robot@p.example.com","token_uri":"%s/token"}\
        """
            .formatted(pem, url));
  }

  private static KeyPair key() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  @Test
  void aServiceAccountSignsForTheAudience() throws Exception {
    KeyPair key = key();
    try (FakeHttp google = new FakeHttp(asked -> ID)) {
      Path file = serviceAccount(key, google.url());
      try (GoogleIdProvider provider =
          new GoogleIdProvider(
              List.of("--credentials-file=" + file, "--target-audience=tcp://kafka"),
              Map.of(),
              CLOCK)) {
        assertThat(provider.token()).isEqualTo(TOKEN);
      }
      String body = URLDecoder.decode(google.asked().getFirst().body(), UTF_8);
      assertThat(body).contains("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer");
      SignedJWT assertion = SignedJWT.parse(body.replaceAll(".*assertion=([^&]*).*", "$1"));
      assertThat(assertion.verify(new RSASSAVerifier((RSAPublicKey) key.getPublic()))).isTrue();
      assertThat(assertion.getHeader().getKeyID()).isEqualTo("k1");
      assertThat(assertion.getJWTClaimsSet().getIssuer()).isEqualTo("robot@p.example.com");
      assertThat(assertion.getJWTClaimsSet().getAudience())
          .containsExactly(google.url() + "/token");
      assertThat(assertion.getJWTClaimsSet().getStringClaim("target_audience"))
          .isEqualTo("tcp://kafka");
      assertThat(assertion.getJWTClaimsSet().getExpirationTime()).isEqualTo(NOON.plusSeconds(3600));
    }
  }

  @Test
  void applicationDefaultCredentialsOfAUser() throws Exception {
    try (FakeHttp google = new FakeHttp(asked -> ID)) {
      Path file =
          Files.writeString(
              folder.resolve("adc.json"),
              """
              {"type":"authorized_user","client_id":"c","client_secret":"s",
               "refresh_token":"r","token_uri":"%s/token"}\
              """
                  .formatted(google.url()));
      try (GoogleIdProvider provider =
          new GoogleIdProvider(
              List.of("--adc"), Map.of("GOOGLE_APPLICATION_CREDENTIALS", file.toString()), CLOCK)) {
        assertThat(provider.token()).isEqualTo(TOKEN);
      }
      assertThat(google.asked().getFirst().body())
          .isEqualTo("grant_type=refresh_token&client_id=c&client_secret=s&refresh_token=r");
    }
  }

  @Test
  void applicationDefaultCredentialsOfTheMetadataServer() throws Exception {
    try (FakeHttp metadata =
        new FakeHttp(asked ->
            asked.header("metadata-flavor").equals("Google")
                    && asked.query().equals("format=full&audience=tcp%3A%2F%2Fkafka")
                ? Answer.ok(TOKEN + "\n")
                : new Answer(403, ""))) {
      Map<String, String> environment =
          Map.of("GCE_METADATA_HOST", "127.0.0.1:" + metadata.port(), "HOME", folder.toString());
      try (GoogleIdProvider provider =
              new GoogleIdProvider(
                  List.of("--adc", "--target-audience=tcp://kafka"), environment, CLOCK);
          GoogleIdProvider without =
              new GoogleIdProvider(List.of("--adc=true"), environment, CLOCK)) {
        assertThat(provider.token()).isEqualTo(TOKEN);
        assertThatThrownBy(without::token)
            .isInstanceOf(LoginFailure.class)
            .hasMessageContaining("--target-audience");
      }
    }
  }

  @Test
  void invalidSettingsAreReported() throws Exception {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GoogleIdProvider(List.of()))
        .withMessage("google-id-provider needs --credentials-file");
    Path file =
        Files.writeString(
            folder.resolve("bad.json"),
            """
            {"type":"service_account","private_key":"topsecret","client_email":"x",
             "token_uri":"http://127.0.0.1:1/token"}\
            """);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GoogleIdProvider(List.of("--credentials-file", file.toString())))
        .withMessage("google-id-provider needs --target-audience");
    try (GoogleIdProvider provider =
        new GoogleIdProvider(
            List.of("--credentials-file", file.toString(), "--target-audience=a"))) {
      assertThatThrownBy(provider::token)
          .isInstanceOf(LoginFailure.class)
          .hasMessageContaining("no usable RSA private_key")
          .hasMessageNotContaining("topsecret");
    }
  }
}
