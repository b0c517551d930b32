package io.gatehouse.testkit.oidc;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.gatehouse.testkit.pki.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * An OpenID Connect provider on loopback:
 *
 * <pre>
 *   try (TokenServer idp = TokenServer.start().client("service", "secret")) {
 *     String good = idp.token("alice").claim("groups", List.of("dev")).sign();
 *     String forged = idp.token("alice").unsigned();
 *     idp.rotateKeys();
 *   }
 * </pre>
 */
public final class TokenServer implements AutoCloseable {

  /** The audience of its tokens. */
  public static final String AUDIENCE = "kafka";

  /** The system property with the URLs that Kafka's classes may access for tokens and keys. */
  public static final String ALLOWED_URLS = "org.apache.kafka.sasl.oauthbearer.allowed.urls";

  private static final String REALM = "/realms/test";
  private static final String BASIC = "Basic ";

  private final HttpServer server;
  private final boolean tls;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, String> clients = new ConcurrentHashMap<>();
  private final Map<String, Integer> requests = new ConcurrentHashMap<>();
  private volatile List<SigningKeys> published;
  private volatile SigningKeys current;
  private volatile Duration lifetime = Duration.ofMinutes(5);
  private volatile int failure;
  private int generation = 1;

  private TokenServer(HttpServer server, boolean tls) {
    this.server = server;
    this.tls = tls;
    this.current = SigningKeys.generate("1");
    this.published = List.of(current);
    answer("/.well-known/openid-configuration", _ -> discovery());
    answer("/jwks", _ -> jwks());
    answer("/token", this::grant);
    server.setExecutor(threads);
    server.start();
  }

  /** Starts a server with HTTP. */
  public static TokenServer start() {
    try {
      return new TokenServer(HttpServer.create(loopback(), 0), false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a server with HTTPS and these credentials, which must be for {@code localhost}. */
  public static TokenServer startTls(Credentials identity) {
    try {
      HttpsServer server = HttpsServer.create(loopback(), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(Credentials.context(identity)));
      return new TokenServer(server, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  /** Adds a client that receives tokens for its credentials, with its id as the subject. */
  public TokenServer client(String id, String secret) {
    clients.put(id, secret);
    return this;
  }

  /** Sets the lifetime of tokens from the token endpoint. */
  public TokenServer tokenLifetime(Duration time) {
    lifetime = time;
    return this;
  }

  /** Makes all responses have this HTTP status; 0 restores normal responses. */
  public TokenServer failWith(int status) {
    failure = status;
    return this;
  }

  /** The issuer, which is also the base URL of discovery. */
  public String issuer() {
    return (tls ? "https" : "http") + "://localhost:" + server.getAddress().getPort() + REALM;
  }

  /** The URL of the discovery document. */
  public String discoveryUrl() {
    return issuer() + "/.well-known/openid-configuration";
  }

  /** The URL of the keys. */
  public String jwksUrl() {
    return issuer() + "/jwks";
  }

  /** The URL of the token endpoint. */
  public String tokenUrl() {
    return issuer() + "/token";
  }

  /** The keys as text, for tests that read them from a file. */
  public String jwks() {
    List<Object> keys = new ArrayList<>();
    published.forEach(some -> keys.addAll(some.jwks()));
    return Json.of(Map.of("keys", keys));
  }

  /** Starts building a token with the current keys. */
  public TokenOrder token(String subject) {
    return new TokenOrder(current, issuer(), subject);
  }

  /** Replaces the keys, and publishes only the new ones. */
  public synchronized void rotateKeys() {
    current = SigningKeys.generate(String.valueOf(++generation));
    published = List.of(current);
  }

  /** Signs with new keys, and publishes them in addition to the old ones. */
  public synchronized void addKeys() {
    current = SigningKeys.generate(String.valueOf(++generation));
    List<SigningKeys> all = new ArrayList<>(published);
    all.add(current);
    published = List.copyOf(all);
  }

  /** The number of requests for the keys. */
  public int jwksRequests() {
    return requests.getOrDefault("/jwks", 0);
  }

  /** The number of requests for tokens. */
  public int tokenRequests() {
    return requests.getOrDefault("/token", 0);
  }

  /** Allows Kafka's classes in this JVM to access this server. */
  public TokenServer allowInThisJvm() {
    allow(tokenUrl() + "," + jwksUrl());
    return this;
  }

  /** Allows Kafka's classes in this JVM to access these URLs, separated by commas. */
  static void allow(String urls) {
    synchronized (TokenServer.class) {
      String old = System.getProperty(ALLOWED_URLS);
      System.setProperty(ALLOWED_URLS, old == null ? urls : old + "," + urls);
    }
  }

  private String discovery() {
    Map<String, Object> document = new TreeMap<>();
    document.put("issuer", issuer());
    document.put("jwks_uri", jwksUrl());
    document.put("token_endpoint", tokenUrl());
    document.put("authorization_endpoint", issuer() + "/auth");
    document.put("response_types_supported", List.of("code"));
    document.put("subject_types_supported", List.of("public"));
    document.put("id_token_signing_alg_values_supported", List.of("RS256", "ES256"));
    document.put("grant_types_supported", List.of("client_credentials"));
    return Json.of(document);
  }

  /** The client credentials grant (RFC 6749 # 4.4); null if the client is unknown. */
  private @Nullable String grant(HttpExchange exchange) throws IOException {
    Map<String, String> form = new TreeMap<>();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    for (String pair : body.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        form.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
      }
    }
    String id = form.getOrDefault("client_id", "");
    String secret = form.getOrDefault("client_secret", "");
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    if (header != null && header.startsWith(BASIC)) {
      String pair =
          new String(
              Base64.getDecoder().decode(header.substring(BASIC.length())), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      id = decode(pair.substring(0, Math.max(0, colon)));
      secret = decode(pair.substring(colon + 1));
    }
    if (!secret.equals(clients.get(id)) || !"client_credentials".equals(form.get("grant_type"))) {
      return null;
    }
    TokenOrder order = token(id).validFor(lifetime);
    String scope = form.get("scope");
    if (scope != null) {
      order.claim("scope", scope);
    }
    return Json.of(
        Map.of(
            "access_token",
            order.sign(),
            "token_type",
            "Bearer",
            "expires_in",
            lifetime.toSeconds()));
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private interface Answer {
    @Nullable String to(HttpExchange exchange) throws IOException;
  }

  private void answer(String path, Answer answer) {
    server.createContext(
        REALM + path,
        exchange -> {
          try (exchange) {
            requests.merge(path, 1, Integer::sum);
            String text = failure == 0 ? answer.to(exchange) : "{\"error\":\"server_error\"}";
            int status = failure == 0 ? 200 : failure;
            if (text == null) {
              status = 401;
              text = "{\"error\":\"invalid_client\"}";
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
