package io.gatehouse.auth.login.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.auth.Http;
import io.gatehouse.auth.RedactedUrl;
import io.gatehouse.auth.login.JsonObject;
import io.gatehouse.auth.login.LoginFailure;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Access tokens from an OpenID provider: the built-in {@code oidc-provider}. The client
 * authenticates by the Basic scheme, or by form parameters if the provider refuses that.
 */
public final class OidcProvider implements TokenProvider {

  static final String NAME = "oidc-provider";

  private final CredentialsFile file;
  private final Http http;

  /** Whether form parameters worked last. */
  private volatile boolean inForm;

  /**
   * @param parameters {@code --credentials-file}, {@code --credentials-watch}, {@code --timeout}
   *     (seconds); {@code --target-audience} is accepted and ignored
   * @throws IllegalArgumentException when a parameter is unknown or wrong, or the file is
   */
  public OidcProvider(List<String> parameters) {
    Parameters given =
        new Parameters(
            NAME,
            parameters,
            Set.of("credentials-file", "timeout", "target-audience"),
            Set.of("credentials-watch"));
    this.file =
        new CredentialsFile(given.file("credentials-file"), given.isOn("credentials-watch", true));
    this.http = new Http(given.seconds("timeout", 10));
  }

  @Override
  public String token() throws LoginFailure {
    JsonObject credentials = file.content();
    TokenEndpoint endpoint =
        TokenEndpoint.of(http, credentials.needed("token_url", file.name()), file.name());
    Map<String, String> form = form(credentials);
    String id = credentials.needed("client_id", file.name());
    String text = credentials.text("client_secret");
    String secret = text == null ? "" : text;
    Http.Reply reply = ask(endpoint, form, id, secret);
    if (!reply.ok() && (reply.status() == 400 || reply.status() == 401)) {
      inForm = !inForm;
      Http.Reply other = ask(endpoint, form, id, secret);
      if (other.ok()) {
        reply = other;
      } else {
        inForm = !inForm;
      }
    }
    String token = endpoint.read(reply, "access_token");
    if (token.split("\\.", -1).length != 3) {
      throw new LoginFailure(
          "the access token of " + RedactedUrl.of(endpoint.uri()) + " is no JWT");
    }
    return token;
  }

  private Http.Reply ask(TokenEndpoint endpoint, Map<String, String> form, String id, String secret)
      throws LoginFailure {
    if (inForm) {
      Map<String, String> full = new TreeMap<>(form);
      full.put("client_id", id);
      full.put("client_secret", secret);
      return endpoint.ask(full, null);
    }
    String pair = TokenEndpoint.encode(id) + ":" + TokenEndpoint.encode(secret);
    return endpoint.ask(form, "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
  }

  private Map<String, String> form(JsonObject credentials) throws LoginFailure {
    Map<String, String> form = new TreeMap<>();
    if ("password".equals(credentials.text("grant_type"))) {
      form.put("grant_type", "password");
      form.put("username", credentials.needed("username", file.name()));
      form.put("password", credentials.needed("password", file.name()));
    } else {
      form.put("grant_type", "client_credentials");
    }
    if (credentials.members().get("scopes") instanceof Collection<?> scopes && !scopes.isEmpty()) {
      form.put("scope", scopes.stream().map(String::valueOf).collect(Collectors.joining(" ")));
    }
    return form;
  }

  @Override
  public void close() {
    http.close();
  }
}
