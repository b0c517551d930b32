package io.gatehouse.testkit.broker;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.SaslAuthenticationException;

/**
 * Verifies the message of a client in the mechanism {@code AWS_MSK_IAM}: a JSON object with the
 * parameters of a presigned {@code kafka-cluster:Connect} (docs/kafka-proxy.md).
 *
 * @param options {@code secret_KEYID}, {@code token_KEYID} for temporary credentials, {@code
 *     name_KEYID} for the principal; {@code region} and {@code host}, if given, must match the
 *     client's
 */
record MskIamLogin(Map<String, String> options) {

  private static final String VERSION = "2020_10_22";
  private static final Duration LONGEST = Duration.ofMinutes(15);
  private static final Duration SKEW = Duration.ofMinutes(5);
  private static final Pattern FIELD =
      Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u([0-9a-fA-F]{4})|(.))");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** The names of signed parameters in the query; in the message they are in lower case. */
  private static final Map<String, String> SIGNED =
      Map.of(
          "action", "Action",
          "x-amz-algorithm", "X-Amz-Algorithm",
          "x-amz-credential", "X-Amz-Credential",
          "x-amz-date", "X-Amz-Date",
          "x-amz-expires", "X-Amz-Expires",
          "x-amz-security-token", "X-Amz-Security-Token",
          "x-amz-signedheaders", "X-Amz-SignedHeaders");

  /**
   * Verifies the message and returns the client's name.
   *
   * @throws SaslAuthenticationException with the reason
   */
  String judge(byte[] message, Instant now) {
    Map<String, String> fields = parse(new String(message, StandardCharsets.UTF_8));
    require(fields, "version", VERSION);
    require(fields, "action", "kafka-cluster:Connect");
    require(fields, "x-amz-algorithm", "AWS4-HMAC-SHA256");
    require(fields, "x-amz-signedheaders", "host");
    field(fields, "user-agent");
    String host = field(fields, "host");
    if (!host.equals(options.getOrDefault("host", host))) {
      throw denied("signed for host " + host);
    }
    String time = field(fields, "x-amz-date");
    checkTime(time, field(fields, "x-amz-expires"), now);
    String[] credential = field(fields, "x-amz-credential").split("/", 2);
    String keyId = credential[0];
    String scope = credential.length > 1 ? credential[1] : "";
    checkScope(scope, time);
    String secret = options.get("secret_" + keyId);
    if (secret == null) {
      throw denied("unknown access key " + keyId);
    }
    String token = options.getOrDefault("token_" + keyId, "");
    if (!token.equals(fields.getOrDefault("x-amz-security-token", ""))) {
      throw denied("wrong session token");
    }
    SortedMap<String, String> query = new TreeMap<>();
    SIGNED.forEach((key, name) -> {
      String value = fields.get(key);
      if (value != null) {
        query.put(name, value);
      }
    });
    String expected = new SigV4(host, "/", query, SigV4.EMPTY).sign(secret, scope, time);
    if (!MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.US_ASCII),
        field(fields, "x-amz-signature").getBytes(StandardCharsets.US_ASCII))) {
      throw denied("wrong signature");
    }
    return options.getOrDefault("name_" + keyId, keyId);
  }

  private static void checkTime(String time, String expires, Instant now) {
    try {
      Instant signed = Instant.from(TIME.parse(time));
      Duration validity = Duration.ofSeconds(Long.parseLong(expires));
      if (validity.isNegative() || validity.compareTo(LONGEST) > 0) {
        throw denied("valid for " + expires + " s");
      }
      if (signed.plus(validity).isBefore(now) || signed.isAfter(now.plus(SKEW))) {
        throw denied("signed at " + time + " for " + expires + " s");
      }
    } catch (DateTimeException | NumberFormatException e) {
      throw denied("not a time: " + time + ", " + expires);
    }
  }

  private void checkScope(String scope, String time) {
    String[] parts = scope.split("/", -1);
    if (parts.length != 4
        || !time.startsWith(parts[0] + "T")
        || !parts[1].equals(options.getOrDefault("region", parts[1]))
        || !parts[2].equals("kafka-cluster")
        || !parts[3].equals("aws4_request")) {
      throw denied("wrong scope " + scope);
    }
  }

  private static void require(Map<String, String> fields, String name, String value) {
    if (!value.equals(field(fields, name))) {
      throw denied(name + " is " + field(fields, name));
    }
  }

  private static String field(Map<String, String> fields, String name) {
    String value = fields.get(name);
    if (value == null || value.isEmpty()) {
      throw denied("no " + name);
    }
    return value;
  }

  private static SaslAuthenticationException denied(String reason) {
    return new SaslAuthenticationException("[" + UUID.randomUUID() + "]: Access denied: " + reason);
  }

  /** Parses a flat JSON object of strings; anything else results in no fields. */
  private static Map<String, String> parse(String json) {
    Map<String, String> fields = new TreeMap<>();
    String trimmed = json.strip();
    if (trimmed.startsWith("{") && trimmed.endsWith("}")) {
      Matcher field = FIELD.matcher(trimmed);
      while (field.find()) {
        if (fields.put(unescape(field.group(1)), unescape(field.group(2))) != null) {
          throw denied("twice " + field.group(1));
        }
      }
    }
    return fields;
  }

  private static String unescape(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(escape ->
            Matcher.quoteReplacement(
                escape.group(1) == null
                    ? escape.group(2)
                    : String.valueOf((char) Integer.parseInt(escape.group(1), 16))));
  }
}
