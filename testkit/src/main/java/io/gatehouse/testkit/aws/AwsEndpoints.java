package io.gatehouse.testkit.aws;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.gatehouse.testkit.AwsAccount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An HTTP server that serves all endpoints, distinguished by path:
 *
 * <pre>
 *   AWS_EC2_METADATA_SERVICE_ENDPOINT   {@link #url()}        IMDSv2 only
 *   AWS_CONTAINER_CREDENTIALS_FULL_URI  {@link #containerUrl()}
 *   AWS_CONTAINER_AUTHORIZATION_TOKEN   {@link #CONTAINER_TOKEN}
 *   AWS_ENDPOINT_URL_STS                {@link #url()}        AssumeRole, AssumeRoleWithWebIdentity
 * </pre>
 */
public final class AwsEndpoints implements AutoCloseable {

  /** The value of {@code Authorization} that the container's endpoint requires. */
  public static final String CONTAINER_TOKEN = "container-token";

  /** The role of the instance. */
  public static final String ROLE = "test-role";

  private static final String METADATA_TOKEN = "metadata-token";
  private static final String ROLES = "/latest/meta-data/iam/security-credentials/";
  private static final String CONTAINER = "/container/credentials";

  private record Reply(int status, String type, String body) {
    static Reply ok(String type, String body) {
      return new Reply(200, type, body);
    }

    static Reply refused(int status, String reason) {
      return new Reply(status, "text/plain", reason);
    }
  }

  private final HttpServer server;
  private final String region;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile AwsAccount account;
  private volatile Duration lifetime = Duration.ofHours(1);

  private AwsEndpoints(HttpServer server, String region, AwsAccount account) {
    this.server = server;
    this.region = region;
    this.account = account;
  }

  /** Starts a server that issues credentials of this account. */
  public static AwsEndpoints start(String region, AwsAccount account) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      AwsEndpoints endpoints = new AwsEndpoints(server, region, account);
      server.createContext("/", endpoints::handle);
      server.setExecutor(endpoints.threads);
      server.start();
      return endpoints;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sets another account from now on. */
  public AwsEndpoints account(AwsAccount other) {
    account = other;
    return this;
  }

  /** Sets the lifetime of credentials. */
  public AwsEndpoints lifetime(Duration time) {
    lifetime = time;
    return this;
  }

  /** {@code http://localhost:PORT}, the URL of STS and of the metadata service. */
  public String url() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  /** The URL of the container's endpoint. */
  public String containerUrl() {
    return url() + CONTAINER;
  }

  /**
   * The requests in order: method and path, such as {@code GET /latest/meta-data/...}, or for STS
   * the action with its role, such as {@code AssumeRole arn:aws:iam::1:role/x}.
   */
  public List<String> requests() {
    return requests;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      Reply reply =
          exchange.getRequestMethod().equals("POST")
              ? sts(exchange)
              : metadata(exchange, exchange.getRequestMethod() + " " + path);
      byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", reply.type());
      exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private Reply metadata(HttpExchange exchange, String request) {
    requests.add(request);
    if (request.equals("PUT /latest/api/token")) {
      String seconds = header(exchange, "X-aws-ec2-metadata-token-ttl-seconds");
      exchange.getResponseHeaders().set("X-aws-ec2-metadata-token-ttl-seconds", seconds);
      return seconds.isEmpty()
          ? Reply.refused(400, "no time to live")
          : Reply.ok("text/plain", METADATA_TOKEN);
    }
    if (request.equals("GET " + CONTAINER)) {
      return header(exchange, "Authorization").equals(CONTAINER_TOKEN)
          ? Reply.ok("application/json", credentials())
          : Reply.refused(401, "wrong Authorization");
    }
    if (!header(exchange, "X-aws-ec2-metadata-token").equals(METADATA_TOKEN)) {
      return Reply.refused(401, "IMDSv2 needs a token");
    }
    return switch (request) {
      case "GET " + ROLES -> Reply.ok("text/plain", ROLE);
      case "GET " + ROLES + ROLE -> Reply.ok("application/json", credentials());
      case "GET /latest/meta-data/placement/region" -> Reply.ok("text/plain", region);
      default -> Reply.refused(404, "no " + request);
    };
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  private String expiration() {
    return Instant.now().plus(lifetime).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private String credentials() {
    AwsAccount given = account;
    return """
    {"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "%s", "Expiration": "%s",
     "AccessKeyId": "%s", "SecretAccessKey": "%s", "Token": "%s"}
    """
        .formatted(
            Instant.now().truncatedTo(ChronoUnit.SECONDS),
            expiration(),
            given.accessKeyId(),
            given.secretAccessKey(),
            given.sessionToken());
  }

  private Reply sts(HttpExchange exchange) throws IOException {
    Map<String, String> form = new TreeMap<>();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    for (String pair : body.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        form.put(
            pair.substring(0, equals),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    String action = form.getOrDefault("Action", "");
    requests.add(action + " " + form.getOrDefault("RoleArn", ""));
    boolean allowed =
        switch (action) {
          case "AssumeRole" -> header(exchange, "Authorization").startsWith("AWS4-HMAC-SHA256 ");
          case "AssumeRoleWithWebIdentity" -> !form.getOrDefault("WebIdentityToken", "").isEmpty();
          default -> false;
        };
    if (!allowed || !form.containsKey("RoleArn") || !form.containsKey("RoleSessionName")) {
      return new Reply(
          403,
          "text/xml",
          "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
              + "<Message>not allowed</Message></Error></ErrorResponse>");
    }
    AwsAccount given = account;
    return Reply.ok(
        "text/xml",
        """
        <%1$sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <%1$sResult>
            <Credentials>
              <AccessKeyId>%2$s</AccessKeyId>
              <SecretAccessKey>%3$s</SecretAccessKey>
              <SessionToken>%4$s</SessionToken>
              <Expiration>%5$s</Expiration>
            </Credentials>
          </%1$sResult>
        </%1$sResponse>
        """
            .formatted(
                action,
                given.accessKeyId(),
                given.secretAccessKey(),
                given.sessionToken(),
                expiration()));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
