package io.gatehouse.gateway.sasl;

import io.gatehouse.auth.ControlCharacters;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Extracts the user name that a client claims in the first token of a SASL exchange. Verifies
 * nothing.
 */
public final class ClaimedName {

  private static final int MAX_NAME_LENGTH = 256;

  /**
   * Maximum size of a token that is parsed, in bytes. No mechanism with a readable name accepts
   * longer tokens.
   */
  private static final int MAX_TOKEN_BYTES = 32 << 10;

  private static final Pattern SCRAM = Pattern.compile("^[^,]*,[^,]*,n=([^,]+),");
  private static final Pattern BEARER = Pattern.compile("auth=Bearer ([A-Za-z0-9_.=-]+)");
  private static final Pattern SUBJECT = Pattern.compile("\"sub\"\\s*:\\s*\"([^\"\\\\]+)\"");
  private static final Pattern ACCESS_KEY =
      Pattern.compile("\"x-amz-credential\"\\s*:\\s*\"([^/\"]+)/");

  private ClaimedName() {}

  /**
   * Returns the claimed name, or null if the mechanism does not transmit it in the clear (GSSAPI),
   * or the token is malformed.
   */
  public static @Nullable String in(String mechanism, byte[] token) {
    if (token.length > MAX_TOKEN_BYTES) {
      return null;
    }
    String text = new String(token, StandardCharsets.UTF_8);
    String name =
        switch (mechanism) {
          case "PLAIN" -> {
            String[] parts = text.split("\0", -1);
            yield parts.length == 3 ? parts[1] : null;
          }
          case "SCRAM-SHA-256", "SCRAM-SHA-512" -> {
            String found = first(SCRAM, text);
            yield found == null ? null : found.replace("=2C", ",").replace("=3D", "=");
          }
          case "OAUTHBEARER" -> subject(first(BEARER, text));
          case "AWS_MSK_IAM" -> first(ACCESS_KEY, text);
          default -> null;
        };
    return name == null
            || name.isEmpty()
            || name.length() > MAX_NAME_LENGTH
            || ControlCharacters.in(name)
        ? null
        : name;
  }

  private static @Nullable String subject(@Nullable String jwt) {
    String[] parts = jwt == null ? new String[0] : jwt.split("\\.", -1);
    if (parts.length != 3) {
      return null;
    }
    try {
      return first(
          SUBJECT, new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static @Nullable String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : null;
  }
}
