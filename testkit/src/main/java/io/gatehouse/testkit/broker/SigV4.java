package io.gatehouse.testkit.broker;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * AWS Signature Version 4 of a GET request with its authorization in the query (AWS IAM User Guide,
 * "Create a signed AWS API request").
 *
 * @param host the only signed header
 * @param path the absolute path
 * @param query all parameters except the signature, not encoded
 * @param payloadHash the hash of the body in hexadecimal
 */
record SigV4(String host, String path, SortedMap<String, String> query, String payloadHash) {

  /** The hash of an empty body. */
  static final String EMPTY = hex(sha256(""));

  /**
   * Computes the signature.
   *
   * @param secret the secret access key
   * @param scope {@code date/region/service/aws4_request}
   * @param time as in {@code X-Amz-Date}
   * @return the signature in hexadecimal
   */
  String sign(String secret, String scope, String time) {
    String canonical =
        String.join("\n", "GET", path, canonicalQuery(), "host:" + host, "", "host", payloadHash);
    String toSign = String.join("\n", "AWS4-HMAC-SHA256", time, scope, hex(sha256(canonical)));
    return hex(hmac(signingKey(secret, scope), toSign));
  }

  static byte[] signingKey(String secret, String scope) {
    byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
    for (String part : scope.split("/", -1)) {
      key = hmac(key, part);
    }
    return key;
  }

  private String canonicalQuery() {
    return query.entrySet().stream()
        .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
        .collect(Collectors.joining("&"));
  }

  /**
   * Percent-encodes everything except RFC 3986's unreserved characters, with upper-case hexadecimal
   * digits.
   */
  private static String encode(String text) {
    StringBuilder out = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (letter || (c >= '0' && c <= '9') || "-_.~".indexOf(c) >= 0) {
        out.append(c);
      } else {
        out.append("%%%02x".formatted((int) c).toUpperCase(Locale.ROOT));
      }
    }
    return out.toString();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
