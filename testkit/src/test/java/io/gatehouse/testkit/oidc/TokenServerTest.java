package io.gatehouse.testkit.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class TokenServerTest {

  @Test
  void publishesItsKeysAndChangesThem() throws Exception {
    try (TokenServer idp = TokenServer.start();
        HttpClient client = HttpClient.newHttpClient()) {
      assertThat(get(client, idp.discoveryUrl()).body())
          .contains("\"jwks_uri\":\"" + idp.jwksUrl() + "\"")
          .contains("\"issuer\":\"" + idp.issuer() + "\"");
      assertThat(get(client, idp.jwksUrl()).body())
          .contains("\"kid\":\"rsa-1\"", "\"kid\":\"ec-1\"")
          .isEqualTo(idp.jwks());
      idp.addKeys();
      assertThat(get(client, idp.jwksUrl()).body()).contains("rsa-1", "rsa-2");
      idp.rotateKeys();
      assertThat(get(client, idp.jwksUrl()).body()).contains("rsa-3").doesNotContain("rsa-2");
      assertThat(part(idp.token("alice").sign(), 0))
          .isEqualTo("{\"alg\":\"RS256\",\"kid\":\"rsa-3\",\"typ\":\"JWT\"}");
      assertThat(idp.jwksRequests()).isEqualTo(3);
      assertThat(get(client, idp.failWith(503).jwksUrl()).statusCode()).isEqualTo(503);
      assertThat(get(client, idp.failWith(0).jwksUrl()).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void givesTokensForCredentials() throws Exception {
    Authority ca = Authority.create("Test CA");
    try (TokenServer idp = TokenServer.startTls(ca.server()).client("service", "s:e&cret");
        HttpClient client =
            HttpClient.newBuilder().sslContext(Credentials.context(null, ca)).build()) {
      assertThat(idp.tokenUrl()).startsWith("https://");
      String form = "grant_type=client_credentials&scope=a+b";
      String basic =
          Base64.getEncoder()
              .encodeToString("service:s%3Ae%26cret".getBytes(StandardCharsets.UTF_8));
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(idp.tokenUrl())).POST(BodyPublishers.ofString(form));
      String wrong = client.send(request.build(), BodyHandlers.ofString()).body();
      assertThat(wrong).isEqualTo("{\"error\":\"invalid_client\"}");
      String answer =
          client
              .send(
                  request.header("Authorization", "Basic " + basic).build(),
                  BodyHandlers.ofString())
              .body();
      String token = answer.replaceAll(".*\"access_token\":\"([^\"]+)\".*", "$1");
      assertThat(part(token, 1))
          .contains("\"sub\":\"service\"", "\"aud\":\"kafka\"", "\"scope\":\"a b\"");
    }
  }

  private static HttpResponse<String> get(HttpClient client, String url) throws Exception {
    return client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
  }

  private static String part(String token, int index) {
    return new String(
        Base64.getUrlDecoder().decode(token.split("\\.", -1)[index]), StandardCharsets.UTF_8);
  }
}
