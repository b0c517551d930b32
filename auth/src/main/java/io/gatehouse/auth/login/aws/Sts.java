package io.gatehouse.auth.login.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.auth.Http;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.LoginFailure;
import java.io.IOException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The calls of AWS Security Token Service that logins need. The endpoint is that of the region, or
 * that of {@code AWS_ENDPOINT_URL_STS} or {@code AWS_ENDPOINT_URL}.
 *
 * @param region null if unknown, for the global endpoint
 */
record Sts(AwsEnvironment environment, Http http, @Nullable String region) {

  private static final String VERSION = "2011-06-15";
  private static final String FORM = "application/x-www-form-urlencoded; charset=utf-8";

  AwsCredentials assume(AwsRole role, AwsCredentials by) throws LoginFailure {
    SortedMap<String, String> form = form("AssumeRole");
    form.put("RoleArn", role.arn());
    form.put("RoleSessionName", role.session());
    if (role.externalId() != null) {
      form.put("ExternalId", role.externalId());
    }
    return credentials(ask(form, by), "role " + role.arn());
  }

  AwsCredentials assumeWithWebIdentity(AwsRole role, String token) throws LoginFailure {
    SortedMap<String, String> form = form("AssumeRoleWithWebIdentity");
    form.put("RoleArn", role.arn());
    form.put("RoleSessionName", role.session());
    form.put("WebIdentityToken", token);
    return credentials(ask(form, null), "role " + role.arn());
  }

  /** The ARN of the credentials (GetCallerIdentity). */
  String callerIdentity(AwsCredentials credentials) throws LoginFailure {
    return text(ask(form("GetCallerIdentity"), credentials), "Arn", "caller identity");
  }

  private static SortedMap<String, String> form(String action) {
    SortedMap<String, String> form = new TreeMap<>();
    form.put("Action", action);
    form.put("Version", VERSION);
    return form;
  }

  private String ask(SortedMap<String, String> form, @Nullable AwsCredentials by)
      throws LoginFailure {
    URI endpoint = endpoint();
    String body = SigV4.encode(form);
    SortedMap<String, String> headers = new TreeMap<>();
    headers.put("content-type", FORM);
    headers.put("host", endpoint.getRawAuthority());
    if (by != null) {
      SigV4 signer =
          new SigV4(
              by, region == null ? "us-east-1" : region, "sts", environment.clock().instant());
      headers =
          signer.sign(
              new SigV4.Request("POST", path(endpoint), new TreeMap<>(), headers),
              body.getBytes(UTF_8));
    }
    headers.remove("host"); // the HTTP client sets the same header itself
    String action = form.get("Action");
    try {
      Http.Reply reply = http.send("POST", endpoint, headers, body);
      if (!reply.ok()) {
        throw new LoginFailure(
            "AWS STS at %s refuses %s: %d %s"
                .formatted(endpoint, action, reply.status(), reason(reply.body())));
      }
      return reply.body();
    } catch (IOException e) {
      throw new LoginFailure(
          "AWS STS at %s does not answer to %s: %s".formatted(endpoint, action, e.getMessage()), e);
    }
  }

  private static String path(URI endpoint) {
    return endpoint.getPath().isEmpty() ? "/" : endpoint.getPath();
  }

  private URI endpoint() throws LoginFailure {
    String given = environment.variable("AWS_ENDPOINT_URL_STS");
    if (given == null) {
      given = environment.variable("AWS_ENDPOINT_URL");
    }
    try {
      return URI.create(
          given != null
              ? given
              : region == null
                  ? "https://sts.amazonaws.com/"
                  : "https://sts." + region + "." + Regions.domain(region) + "/");
    } catch (IllegalArgumentException e) {
      throw new LoginFailure("AWS_ENDPOINT_URL_STS is no URL: " + given, e);
    }
  }

  private static AwsCredentials credentials(String xml, String what) throws LoginFailure {
    try {
      return new AwsCredentials(
          text(xml, "AccessKeyId", what),
          new Secret(text(xml, "SecretAccessKey", what)),
          new Secret(text(xml, "SessionToken", what)),
          Instant.parse(text(xml, "Expiration", what)));
    } catch (DateTimeException e) {
      throw new LoginFailure("AWS STS answers with no time of expiration for " + what, e);
    }
  }

  private static String reason(String xml) {
    String code = element(xml, "Code");
    String message = element(xml, "Message");
    return (code == null ? "" : code) + (message == null ? "" : ": " + message);
  }

  private static String text(String xml, String name, String what) throws LoginFailure {
    String text = element(xml, name);
    if (text == null) {
      throw new LoginFailure("AWS STS answers without " + name + " for " + what);
    }
    return text;
  }

  /**
   * The text of an XML element. A parser is not needed, because the elements read have neither
   * children nor attributes.
   */
  private static @Nullable String element(String xml, String name) {
    Matcher element = Pattern.compile("<" + name + ">([^<]*)</" + name + ">").matcher(xml);
    return element.find()
        ? element.group(1).strip().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        : null;
  }
}
