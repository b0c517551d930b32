package io.gatehouse.auth.login.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.login.FakeHttp;
import io.gatehouse.auth.login.FakeHttp.Answer;
import io.gatehouse.auth.login.FakeHttp.Asked;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OidcProviderTest {

  private static final String TOKEN = Tokens.of("me", Instant.EPOCH, Instant.EPOCH.plusSeconds(60));

  @TempDir Path folder;

  private OidcProvider provider(String json, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("credentials.json"), json);
    List<String> parameters =
        new java.util.ArrayList<>(List.of("--credentials-file=" + file, "--target-audience=x"));
    parameters.addAll(List.of(more));
    return new OidcProvider(parameters);
  }

  private static String clientCredentials(String url, String secret) {
    return """
    {"grant_type":"client_credentials","client_id":"me","client_secret":"%s",
     "token_url":"%s/token","scopes":["a","b"]}\
    """
        .formatted(secret, url);
  }

  private static String basic(Asked asked) {
    return new String(
        Base64.getDecoder().decode(asked.header("authorization").replace("Basic ", "")), UTF_8);
  }

  @Test
  void clientCredentials() throws Exception {
    try (FakeHttp endpoint = new FakeHttp(asked -> Answer.ok(Tokens.answer(TOKEN)));
        OidcProvider provider = provider(clientCredentials(endpoint.url(), "a:b"))) {
      assertThat(provider.token()).isEqualTo(TOKEN);
      Asked asked = endpoint.asked().getFirst();
      assertThat(asked.path()).isEqualTo("/token");
      assertThat(asked.body()).isEqualTo("grant_type=client_credentials&scope=a+b");
      assertThat(basic(asked)).isEqualTo("me:a%3Ab");
    }
  }

  @Test
  void passwordGrantInTheFormWhereTheProviderWantsThat() throws Exception {
    try (FakeHttp endpoint =
            new FakeHttp(asked ->
                asked.header("authorization").isEmpty()
                    ? Answer.ok(Tokens.answer(TOKEN))
                    : new Answer(401, "{\"error\":\"invalid_client\"}"));
        OidcProvider provider =
            provider(
                """
                {"grant_type":"password","client_id":"me","client_secret":"s","username":"u",
                 "password":"p&w","token_url":"%s/token"}\
                """
                    .formatted(endpoint.url()))) {
      assertThat(provider.token()).isEqualTo(TOKEN);
      assertThat(endpoint.asked().get(1).body())
          .isEqualTo("client_id=me&client_secret=s&grant_type=password&password=p%26w&username=u");
      assertThat(provider.token()).isEqualTo(TOKEN);
      assertThat(endpoint.asked()).as("the form at once").hasSize(3);
    }
  }

  @Test
  void aChangedFileCountsUnlessWatchingIsOff() throws Exception {
    try (FakeHttp endpoint = new FakeHttp(asked -> Answer.ok(Tokens.answer(TOKEN)));
        OidcProvider watching = provider(clientCredentials(endpoint.url(), "one"));
        OidcProvider fixed =
            provider(clientCredentials(endpoint.url(), "one"), "--credentials-watch=false")) {
      provider(clientCredentials(endpoint.url(), "two")).close();
      watching.token();
      assertThat(basic(endpoint.asked().getLast())).isEqualTo("me:two");
      fixed.token();
      assertThat(basic(endpoint.asked().getLast())).isEqualTo("me:one");
    }
  }

  @Test
  void refusalsAreReportedWithoutSecrets() throws Exception {
    try (FakeHttp endpoint =
            new FakeHttp(asked ->
                new Answer(400, "{\"error\":\"invalid_scope\",\"error_description\":\"no b\"}"));
        OidcProvider provider = provider(clientCredentials(endpoint.url(), "topsecret"))) {
      assertThatThrownBy(provider::token)
          .isInstanceOf(LoginFailure.class)
          .hasMessageContaining("refuses: 400 invalid_scope (no b)")
          .hasMessageNotContaining("topsecret");
      endpoint.answer(asked -> Answer.ok(Tokens.answer("opaque")));
      assertThatThrownBy(provider::token).hasMessageContaining("is no JWT");
      endpoint.answer(asked -> Answer.ok("<html>"));
      assertThatThrownBy(provider::token).hasMessageContaining("is no JSON object");
    }
  }

  @Test
  void aSilentEndpointIsReported() throws Exception {
    String gone;
    try (FakeHttp endpoint = new FakeHttp(asked -> Answer.ok(""))) {
      gone = endpoint.url();
    }
    try (OidcProvider provider = provider(clientCredentials(gone, "topsecret"))) {
      assertThatThrownBy(provider::token)
          .isInstanceOf(LoginFailure.class)
          .hasMessageContaining("does not answer");
    }
  }

  @Test
  void anInvalidFileIsReportedAtStart() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OidcProvider(List.of("--credentials-file=" + folder.resolve("no"))))
        .withMessageContaining("cannot be read");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider("client_secret: topsecret"))
        .withMessageContaining("is no JSON object")
        .withMessageNotContaining("topsecret");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OidcProvider(List.of()))
        .withMessage("oidc-provider needs --credentials-file");
  }
}
