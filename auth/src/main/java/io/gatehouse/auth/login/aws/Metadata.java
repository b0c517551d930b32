package io.gatehouse.auth.login.aws;

import io.gatehouse.auth.Http;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.JsonObject;
import io.gatehouse.auth.login.LoginFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Fetches credentials from the metadata service of a container (ECS, EKS) or an EC2 instance. */
record Metadata(AwsEnvironment environment, Http http) {

  private static final String CONTAINER = "http://169.254.170.2";
  private static final Set<String> CONTAINER_HOSTS =
      Set.of(
          "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost", "127.0.0.1", "[::1]");
  private static final String INSTANCE = "http://169.254.169.254";
  private static final String INSTANCE_IPV6 = "http://[fd00:ec2::254]";
  private static final String ROLES = "/latest/meta-data/iam/security-credentials/";
  private static final String REGION = "/latest/meta-data/placement/region";

  /**
   * The service runs on the same host. Elsewhere its address does not answer at all, so the wait is
   * short.
   */
  private static final Duration NEAR = Duration.ofSeconds(1);

  /** In seconds. */
  private static final String TOKEN_LIFE = "21600";

  /** Credentials of the container; null if the environment names no endpoint. */
  @Nullable AwsCredentials container() throws LoginFailure {
    String relative = environment.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    String full = environment.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (relative == null && full == null) {
      return null;
    }
    URI uri = containerUri(relative != null ? CONTAINER + relative : String.valueOf(full));
    String token = containerToken();
    try {
      Http.Reply reply =
          http.send("GET", uri, token == null ? Map.of() : Map.of("Authorization", token), null);
      if (!reply.ok()) {
        throw new LoginFailure("the container's credentials at " + uri + ": " + reply.status());
      }
      return credentials(reply.body(), "the answer of " + uri);
    } catch (IOException e) {
      throw new LoginFailure("the container's credentials at " + uri + ": " + e.getMessage(), e);
    }
  }

  /**
   * Refuses plain http to hosts other than the container services, because the request carries a
   * token.
   */
  private static URI containerUri(String text) throws LoginFailure {
    try {
      URI uri = URI.create(text);
      boolean safe =
          "https".equals(uri.getScheme())
              || (uri.getHost() != null && CONTAINER_HOSTS.contains(uri.getHost()));
      if (safe) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // reported below
    }
    throw new LoginFailure(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of the host itself: "
            + text);
  }

  private @Nullable String containerToken() throws LoginFailure {
    String file = environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (file == null) {
      return environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    }
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException e) {
      throw new LoginFailure("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read: " + file, e);
    }
  }

  /**
   * Credentials of the instance by IMDSv2; null if this is not an EC2 instance, or one without a
   * role.
   */
  @Nullable AwsCredentials instance() throws LoginFailure {
    String role = instanceText(ROLES);
    if (role == null || role.isBlank()) {
      return null;
    }
    String first = role.lines().findFirst().orElse("").strip();
    String answer = instanceText(ROLES + first);
    return answer == null ? null : credentials(answer, "the instance's role " + first);
  }

  @Nullable String instanceRegion() throws LoginFailure {
    String region = instanceText(REGION);
    return region == null || region.isBlank() ? null : region.strip();
  }

  private @Nullable String instanceText(String path) throws LoginFailure {
    if ("true".equalsIgnoreCase(environment.variable("AWS_EC2_METADATA_DISABLED"))) {
      return null;
    }
    boolean six =
        "ipv6".equalsIgnoreCase(environment.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"));
    String base =
        environment.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", six ? INSTANCE_IPV6 : INSTANCE);
    try {
      String root = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
      Http near = http.within(NEAR);
      Http.Reply token =
          near.send(
              "PUT",
              URI.create(root + "/latest/api/token"),
              Map.of("X-aws-ec2-metadata-token-ttl-seconds", TOKEN_LIFE),
              null);
      if (!token.ok()) {
        return null;
      }
      Http.Reply reply =
          near.send(
              "GET",
              URI.create(root + path),
              Map.of("X-aws-ec2-metadata-token", token.body()),
              null);
      return reply.ok() ? reply.body() : null;
    } catch (IOException e) {
      return null; // not on EC2
    } catch (IllegalArgumentException e) {
      throw new LoginFailure("AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL: " + base, e);
    }
  }

  /** Parses the JSON format that these services and credential processes share. */
  static AwsCredentials credentials(String json, String what) throws LoginFailure {
    JsonObject answer = JsonObject.read(json, what);
    String token =
        answer.text("Token") != null ? answer.text("Token") : answer.text("SessionToken");
    String end = answer.text("Expiration");
    try {
      return new AwsCredentials(
          answer.needed("AccessKeyId", what),
          new Secret(answer.needed("SecretAccessKey", what)),
          token == null ? null : new Secret(token),
          end == null ? Instant.MAX : Instant.parse(end));
    } catch (DateTimeException e) {
      throw new LoginFailure(what + ": Expiration is no time: " + end, e);
    }
  }
}
