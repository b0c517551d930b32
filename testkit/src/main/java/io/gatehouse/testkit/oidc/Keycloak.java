package io.gatehouse.testkit.oidc;

import io.gatehouse.testkit.JavaServer;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keycloak in its own process on loopback, with the realm {@code kafka}:
 *
 * <ul>
 *   <li>clients {@code orders} and {@code billing}, which get tokens for {@link #AUDIENCE};
 *   <li>{@code telemetry} and {@code gatehouse}, whose tokens last ten seconds ({@link #SHORT});
 *   <li>{@code stranger}, whose tokens have no special audience;
 *   <li>{@code desk}, through which the user {@code alice} logs in with a password.
 * </ul>
 *
 * The secret of each client, and the password of alice, is the name with {@code -secret}. The start
 * takes half a minute, and the first build another half, so the server is shared.
 */
public final class Keycloak implements AutoCloseable {

  /** The audience of tokens. */
  public static final String AUDIENCE = "gatehouse";

  /** The lifetime of tokens of the clients with short-lived tokens. */
  public static final Duration SHORT = Duration.ofSeconds(10);

  private static final Duration LONG = Duration.ofMinutes(5);
  private static final String REALM = "kafka";
  private static final String ADMIN = "admin";
  private static final String FIRST_KEY = "rsa-generated";
  private static final Duration START_LIMIT = Duration.ofMinutes(4);
  private static final Duration REQUEST_LIMIT = Duration.ofSeconds(20);
  private static final Pattern ACCESS_TOKEN = Pattern.compile("\"access_token\":\"([^\"]+)\"");

  private static @Nullable Keycloak shared;

  private final JavaServer server;
  private final Ports ports;
  private final HttpClient http = HttpClient.newHttpClient();

  private Keycloak(JavaServer server, Ports ports) {
    this.server = server;
    this.ports = ports;
  }

  /** The shared server of this JVM, which ends with it. Its keys may have been changed. */
  public static synchronized Keycloak shared() {
    Keycloak running = shared;
    if (running == null) {
      running = start();
      shared = running;
    }
    return running;
  }

  /**
   * Starts a new server.
   *
   * @throws IllegalStateException if it was not unpacked, or does not start within four minutes
   */
  public static Keycloak start() {
    Path lib = KeycloakBuild.lib();
    Keycloak keycloak = new Keycloak(JavaServer.prepare("keycloak"), Ports.reserve(2));
    try {
      keycloak.launch(lib);
      keycloak.server.awaitReady(keycloak::isReady, START_LIMIT);
    } catch (IOException e) {
      keycloak.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      keycloak.close();
      throw e;
    }
    return keycloak;
  }

  private void launch(Path lib) throws IOException {
    Path home = server.folder();
    Path conf = Files.createDirectories(home.resolve("conf"));
    Files.createDirectories(home.resolve("providers"));
    Files.createSymbolicLink(home.resolve("lib"), lib);
    Path realms = Files.createDirectories(home.resolve("data").resolve("import"));
    Files.writeString(realms.resolve(REALM + ".json"), realm());
    Files.writeString(
        conf.resolve("keycloak.conf"),
        """
        http-enabled=true
        http-host=127.0.0.1
        http-port=%d
        http-management-port=%d
        hostname=%s
        cache=local
        bootstrap-admin-username=%s
        bootstrap-admin-password=%s
        http-access-log-enabled=true
        http-access-log-pattern=%%r
        log-level=info,io.smallrye.health:error
        """
            .formatted(ports.get(0), ports.get(1), url(), ADMIN, secret(ADMIN)));
    server.launch(KeycloakBuild.launch(home, List.of("start", "--optimized", "--import-realm")));
  }

  private boolean isReady() {
    try {
      URI health = URI.create("http://localhost:" + ports.get(1) + "/health/ready");
      HttpRequest request = HttpRequest.newBuilder(health).timeout(REQUEST_LIMIT).build();
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // not listening yet
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Keycloak starts", e);
    }
  }

  // ---- the realm --------------------------------------------------------------------------------

  private static String realm() {
    return Json.of(
        Map.of(
            "id",
            REALM,
            "realm",
            REALM,
            "enabled",
            true,
            "accessTokenLifespan",
            LONG.toSeconds(),
            "clients",
            List.of(
                client("orders", LONG, AUDIENCE),
                client("billing", LONG, AUDIENCE),
                client("telemetry", SHORT, AUDIENCE),
                client("gatehouse", SHORT, AUDIENCE),
                client("stranger", LONG, "elsewhere"),
                client("desk", LONG, AUDIENCE)),
            "users",
            List.of(
                Map.of(
                    "username", "alice",
                    "enabled", true,
                    "email", "alice@example.org",
                    "emailVerified", true,
                    "firstName", "Alice",
                    "lastName", "Example",
                    "credentials",
                        List.of(Map.of("type", "password", "value", secret("alice")))))));
  }

  private static Map<String, Object> client(String name, Duration lifetime, String audience) {
    return Map.of(
        "clientId", name,
        "secret", secret(name),
        "publicClient", false,
        "standardFlowEnabled", false,
        "directAccessGrantsEnabled", name.equals("desk"),
        "serviceAccountsEnabled", !name.equals("desk"),
        "attributes", Map.of("access.token.lifespan", String.valueOf(lifetime.toSeconds())),
        "protocolMappers",
            List.of(
                Map.of(
                    "name", "audience",
                    "protocol", "openid-connect",
                    "protocolMapper", "oidc-audience-mapper",
                    "config",
                        Map.of(
                            "included.custom.audience", audience, "access.token.claim", "true"))));
  }

  /** The secret of a client, and the password of a user. */
  public static String secret(String name) {
    return name + "-secret";
  }

  // ---- addresses --------------------------------------------------------------------------------

  /** The base URL, without path and slash. */
  public String url() {
    return "http://localhost:" + ports.get(0);
  }

  /** The issuer of the realm. */
  public String issuer() {
    return url() + "/realms/" + REALM;
  }

  /** The token endpoint of the realm. */
  public String tokenUrl() {
    return tokenUrl(REALM);
  }

  private String tokenUrl(String realm) {
    return url() + "/realms/" + realm + "/protocol/openid-connect/token";
  }

  /** The URL of the realm's keys. */
  public String jwksUrl() {
    return issuer() + "/protocol/openid-connect/certs";
  }

  /** The number of requests for the realm's keys. */
  public int jwksRequests() {
    return requests("GET " + URI.create(jwksUrl()).getPath());
  }

  /** The number of requests for tokens of the realm. */
  public int tokenRequests() {
    return requests("POST " + URI.create(tokenUrl()).getPath());
  }

  private int requests(String start) {
    return (int)
        server.log().stream()
            .filter(line -> line.contains("access-log") && line.contains(start))
            .count();
  }

  // ---- tokens -----------------------------------------------------------------------------------

  /** A token for the credentials of a client. */
  public String token(String client) {
    return token(
        REALM,
        Map.of(
            "grant_type",
            "client_credentials",
            "client_id",
            client,
            "client_secret",
            secret(client)));
  }

  /** A token of a user, obtained with the password through the client {@code desk}. */
  public String userToken(String user) {
    return token(
        REALM,
        Map.of(
            "grant_type",
            "password",
            "client_id",
            "desk",
            "client_secret",
            secret("desk"),
            "username",
            user,
            "password",
            secret(user)));
  }

  /** A token of the realm {@code master}. */
  public String masterToken() {
    return token(
        "master",
        Map.of(
            "grant_type",
            "password",
            "client_id",
            "admin-cli",
            "username",
            ADMIN,
            "password",
            secret(ADMIN)));
  }

  private String token(String realm, Map<String, String> form) {
    String body =
        form.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + encoded(entry.getValue()))
            .collect(Collectors.joining("&"));
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(URI.create(tokenUrl(realm)))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body)));
    Matcher token = ACCESS_TOKEN.matcher(answer.body());
    if (!token.find()) {
      throw new IllegalStateException("no token: " + answer.statusCode() + " " + answer.body());
    }
    return token.group(1);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  // ---- keys -------------------------------------------------------------------------------------

  /** Creates a new signing key of the realm; the previous ones are still published. */
  public void addKey(String name, int priority) {
    admin("POST", "/components", key(name, priority, true));
  }

  /** Disables the first key of the realm. */
  public void disableFirstKey() {
    String all = admin("GET", "/components?name=" + FIRST_KEY, null);
    Matcher id = Pattern.compile("\"id\":\"([^\"]+)\"").matcher(all);
    if (!id.find()) {
      throw new IllegalStateException("no key " + FIRST_KEY + " in " + all);
    }
    admin("PUT", "/components/" + id.group(1), key(FIRST_KEY, 100, false));
  }

  private static String key(String name, int priority, boolean on) {
    List<String> enabled = List.of(String.valueOf(on));
    return Json.of(
        Map.of(
            "name",
            name,
            "providerId",
            "rsa-generated",
            "providerType",
            "org.keycloak.keys.KeyProvider",
            "parentId",
            REALM,
            "config",
            Map.of(
                "priority", List.of(String.valueOf(priority)),
                "enabled", enabled,
                "active", enabled,
                "algorithm", List.of("RS256"),
                "keySize", List.of("2048"))));
  }

  private String admin(String method, String path, @Nullable String body) {
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(URI.create(url() + "/admin/realms/" + REALM + path))
                .header("Authorization", "Bearer " + masterToken())
                .header("Content-Type", "application/json")
                .method(
                    method,
                    body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
    if (answer.statusCode() / 100 != 2) {
      throw new IllegalStateException(
          method + " " + path + ": " + answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.timeout(REQUEST_LIMIT).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking Keycloak", e);
    }
  }

  // ---- Kafka ------------------------------------------------------------------------------------

  /**
   * Makes a listener of a broker accept tokens of this realm; the client id is the user. Sessions
   * end with their tokens.
   */
  public Listener admitTo(Listener listener) {
    return listener
        .systemProperty(TokenServer.ALLOWED_URLS, jwksUrl())
        .with(
            "oauthbearer.sasl.server.callback.handler.class",
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler")
        .with("sasl.oauthbearer.jwks.endpoint.url", jwksUrl())
        .with("sasl.oauthbearer.expected.issuer", issuer())
        .with("sasl.oauthbearer.expected.audience", AUDIENCE)
        .with("sasl.oauthbearer.sub.claim.name", "azp")
        .mechanism(
            "OAUTHBEARER",
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;")
        .reauthentication(Duration.ofHours(1));
  }

  /** Allows Kafka's classes in this JVM to access this server. */
  public Keycloak allowInThisJvm() {
    TokenServer.allow(tokenUrl() + "," + jwksUrl());
    return this;
  }

  @Override
  public void close() {
    http.close();
    server.close();
    ports.close();
  }
}
