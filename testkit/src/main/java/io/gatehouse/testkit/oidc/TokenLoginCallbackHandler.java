package io.gatehouse.testkit.oidc;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.auth.SaslExtensions;
import org.apache.kafka.common.security.auth.SaslExtensionsCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;

/**
 * Passes a token to a Java client without validating it, so that invalid tokens reach the server.
 * The JAAS option {@code token} sets the token; {@code url}, {@code id} and {@code secret} fetch
 * one for each login; options {@code extension_NAME} are sent as SASL extensions.
 */
public final class TokenLoginCallbackHandler implements AuthenticateCallbackHandler {

  private static final Pattern ACCESS_TOKEN = Pattern.compile("\"access_token\":\"([^\"]+)\"");
  private static final Pattern EXPIRY = Pattern.compile("\"exp\":(\\d+)");
  private static final String EXTENSION = "extension_";
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Map<String, String> options = new TreeMap<>();

  @Override
  public void configure(
      Map<String, ?> settings, String mechanism, List<AppConfigurationEntry> entries) {
    entries.getFirst().getOptions().forEach((key, value) -> options.put(key, value.toString()));
  }

  @Override
  public void handle(Callback[] callbacks) throws IOException, UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      switch (callback) {
        case OAuthBearerTokenCallback wanted -> wanted.token(token());
        case SaslExtensionsCallback wanted -> wanted.extensions(extensions());
        default -> throw new UnsupportedCallbackException(callback);
      }
    }
  }

  private SaslExtensions extensions() {
    Map<String, String> extensions = new TreeMap<>();
    options.forEach((key, value) -> {
      if (key.startsWith(EXTENSION)) {
        extensions.put(key.substring(EXTENSION.length()), value);
      }
    });
    return new SaslExtensions(extensions);
  }

  private OAuthBearerToken token() throws IOException {
    String given = options.get("token");
    return token(given == null ? fetch() : given);
  }

  private String fetch() throws IOException {
    String form =
        "grant_type=client_credentials&client_id=%s&client_secret=%s"
            .formatted(encoded("id"), encoded("secret"));
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(options.getOrDefault("url", "")))
                  .timeout(LIMIT)
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(HttpRequest.BodyPublishers.ofString(form))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      Matcher token = ACCESS_TOKEN.matcher(answer.body());
      if (answer.statusCode() != 200 || !token.find()) {
        throw new IOException("no token: " + answer.statusCode() + " " + answer.body());
      }
      return token.group(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while fetching a token", e);
    }
  }

  private String encoded(String option) {
    return URLEncoder.encode(options.getOrDefault(option, ""), StandardCharsets.UTF_8);
  }

  private static OAuthBearerToken token(String text) {
    long now = System.currentTimeMillis();
    long expiry = now + Duration.ofMinutes(5).toMillis();
    String[] parts = text.split("\\.", -1);
    if (parts.length > 1) {
      try {
        String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        Matcher found = EXPIRY.matcher(claims);
        // Clients do not send expired tokens, so the expiry is not passed on.
        if (found.find() && Long.parseLong(found.group(1)) * 1000 > now) {
          expiry = Long.parseLong(found.group(1)) * 1000;
        }
      } catch (IllegalArgumentException e) {
        // Not a token; the server must detect that.
      }
    }
    return new Token(text, now, expiry);
  }

  @Override
  public void close() {
    // There is nothing to close.
  }

  private record Token(String value, Long startTimeMs, long lifetimeMs)
      implements OAuthBearerToken {

    @Override
    public Set<String> scope() {
      return Set.of();
    }

    @Override
    public String principalName() {
      return "token";
    }
  }
}
