package io.gatehouse.auth.login.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.auth.Hashes;
import io.gatehouse.auth.Secret;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * AWS Signature Version 4, as in "Create a signed AWS API request" of the AWS documentation, as a
 * header or in the query (a presigned URL).
 *
 * @param credentials to sign with
 * @param region for instance eu-west-1
 * @param service the name of the service in signatures, for instance kafka-cluster
 * @param at the time of signing; AWS accepts signatures for some minutes before and after
 */
record SigV4(AwsCredentials credentials, String region, String service, Instant at) {

  static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /**
   * @param path with a leading slash, not encoded
   * @param query not encoded
   * @param headers to sign, by lower-case name; {@code host} at least
   */
  record Request(
      String method,
      String path,
      SortedMap<String, String> query,
      SortedMap<String, String> headers) {}

  /** The query of a presigned URL, not encoded, including {@code X-Amz-Signature}. */
  SortedMap<String, String> presign(Request request, Duration life, String payloadHash) {
    SortedMap<String, String> query = new TreeMap<>(request.query());
    query.put("X-Amz-Algorithm", ALGORITHM);
    query.put("X-Amz-Credential", credentials.accessKeyId() + "/" + scope());
    query.put("X-Amz-Date", time());
    query.put("X-Amz-Expires", Long.toString(life.toSeconds()));
    query.put("X-Amz-SignedHeaders", names(request.headers()));
    Secret token = credentials.sessionToken();
    if (token != null) {
      query.put("X-Amz-Security-Token", token.reveal());
    }
    Request signed = new Request(request.method(), request.path(), query, request.headers());
    query.put("X-Amz-Signature", signature(signed, payloadHash));
    return query;
  }

  /** The given headers and those of the signature. */
  SortedMap<String, String> sign(Request request, byte[] body) {
    SortedMap<String, String> headers = new TreeMap<>(request.headers());
    headers.put("x-amz-date", time());
    Secret token = credentials.sessionToken();
    if (token != null) {
      headers.put("x-amz-security-token", token.reveal());
    }
    Request signed = new Request(request.method(), request.path(), request.query(), headers);
    String signature = signature(signed, hash(body));
    String names = names(headers);
    headers.put(
        "authorization",
        "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s"
            .formatted(ALGORITHM, credentials.accessKeyId(), scope(), names, signature));
    return headers;
  }

  private String signature(Request request, String payloadHash) {
    String canonical =
        String.join(
            "\n",
            request.method(),
            encode(request.path(), true),
            encode(request.query()),
            request.headers().entrySet().stream()
                .map(header -> header.getKey() + ":" + folded(header.getValue()) + "\n")
                .collect(Collectors.joining()),
            names(request.headers()),
            payloadHash);
    String toSign = String.join("\n", ALGORITHM, time(), scope(), hash(canonical.getBytes(UTF_8)));
    byte[] key = ("AWS4" + credentials.secretAccessKey().reveal()).getBytes(UTF_8);
    for (String part : new String[] {time().substring(0, 8), region, service, "aws4_request"}) {
      key = mac(key, part);
    }
    return HexFormat.of().formatHex(mac(key, toSign));
  }

  private String time() {
    return TIME.format(at);
  }

  private String scope() {
    return String.join("/", time().substring(0, 8), region, service, "aws4_request");
  }

  private static String names(SortedMap<String, String> headers) {
    return String.join(";", headers.keySet());
  }

  private static String folded(String value) {
    return value.strip().replaceAll(" +", " ");
  }

  /** The encoded query string, sorted. */
  static String encode(Map<String, String> query) {
    return query.entrySet().stream()
        .map(entry -> encode(entry.getKey(), false) + "=" + encode(entry.getValue(), false))
        .sorted()
        .collect(Collectors.joining("&"));
  }

  /** Percent-encodes by RFC 3986; java.net.URLEncoder encodes forms instead. */
  private static String encode(String text, boolean path) {
    StringBuilder encoded = new StringBuilder();
    for (byte each : text.getBytes(UTF_8)) {
      char c = (char) (each & 0xff);
      boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (plain || "-._~".indexOf(c) >= 0 || (path && c == '/')) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(each));
      }
    }
    return encoded.toString();
  }

  static String hash(byte[] bytes) {
    return HexFormat.of().formatHex(Hashes.digest("SHA-256").digest(bytes));
  }

  private static byte[] mac(byte[] key, String text) {
    return Hashes.hmac("HmacSHA256", key, text.getBytes(UTF_8));
  }
}
