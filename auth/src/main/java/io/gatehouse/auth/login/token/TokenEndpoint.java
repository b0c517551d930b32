package io.gatehouse.auth.login.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.auth.Http;
import io.gatehouse.auth.RedactedUrl;
import io.gatehouse.auth.login.JsonObject;
import io.gatehouse.auth.login.LoginFailure;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An OAuth 2 token endpoint (RFC 6749). Messages quote the code and description of an error, never
 * the whole answer.
 */
record TokenEndpoint(Http http, URI uri) {

  static TokenEndpoint of(Http http, String url, String whose) throws LoginFailure {
    try {
      URI uri = URI.create(url);
      if (uri.getHost() != null
          && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
        return new TokenEndpoint(http, uri);
      }
    } catch (IllegalArgumentException e) {
      // reported below
    }
    throw new LoginFailure(
        whose + " has no http(s) URL of a token endpoint: " + RedactedUrl.of(url));
  }

  /** Posts a form and returns the answer, whatever its status. */
  Http.Reply ask(Map<String, String> form, @Nullable String authorization) throws LoginFailure {
    Map<String, String> headers = new TreeMap<>();
    headers.put("Content-Type", "application/x-www-form-urlencoded");
    headers.put("Accept", "application/json");
    if (authorization != null) {
      headers.put("Authorization", authorization);
    }
    String body =
        form.entrySet().stream()
            .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
            .collect(Collectors.joining("&"));
    try {
      return http.send("POST", uri, headers, body);
    } catch (IOException e) {
      throw new LoginFailure(
          "the token endpoint " + RedactedUrl.of(uri) + " does not answer: " + e.getMessage(), e);
    }
  }

  /**
   * A member of a successful answer.
   *
   * @throws LoginFailure when the status is not 200 or the member is missing
   */
  String read(Http.Reply reply, String member) throws LoginFailure {
    String what = "the answer of the token endpoint " + RedactedUrl.of(uri);
    if (!reply.ok()) {
      throw new LoginFailure(
          "the token endpoint %s refuses: %d%s"
              .formatted(RedactedUrl.of(uri), reply.status(), reason(reply.body())));
    }
    return JsonObject.read(reply.body(), what).needed(member, what);
  }

  private static String reason(String body) {
    try {
      JsonObject error = JsonObject.read(body, "error");
      String description = error.text("error_description");
      return " " + error.text("error") + (description == null ? "" : " (" + description + ")");
    } catch (LoginFailure e) {
      return "";
    }
  }

  static String encode(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
