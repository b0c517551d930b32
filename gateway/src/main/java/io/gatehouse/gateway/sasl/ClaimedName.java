package io.gatehouse.gateway.sasl;

import io.gatehouse.auth.ControlCharacters;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the user's name in the first token of a SASL exchange, without checking anything. */
public final class ClaimedName {

  private static final int LONGEST = 256;

  /** Bytes of a token; no mechanism's own limit for tokens that tell a name is higher. */
  private static final int LONGEST_TOKEN = 32 << 10;

  private static final Pattern SCRAM = Pattern.compile("^[^,]*,[^,]*,n=([^,]+),");
  private static final Pattern BEARER = Pattern.compile("auth=Bearer ([A-Za-z0-9_.=-]+)");
  private static final Pattern SUBJECT = Pattern.compile("\"sub\"\\s*:\\s*\"([^\"\\\\]+)\"");
  private static final Pattern ACCESS_KEY =
      Pattern.compile("\"x-amz-credential\"\\s*:\\s*\"([^/\"]+)/");

  private ClaimedName() {}

  /** The name, or null where the mechanism does not say it in the open (GSSAPI). */
  public static @Nullable String in(String mechanism, byte[] token) {
    if (token.length > LONGEST_TOKEN) {
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
    return name == null || name.isEmpty() || name.length() > LONGEST || ControlCharacters.in(name)
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
