package io.gatehouse.auth.sasl.token;

import io.gatehouse.auth.sasl.Gs2Header;
import io.gatehouse.auth.sasl.SaslFailure;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A client's first message (RFC 7628 §3.1): a GS2 header, then key-value pairs that each end with
 * 0x01, and a final 0x01. Only the pair {@code auth} is read: the others are unauthenticated claims
 * of the client.
 */
record BearerMessage(String authorizationId, String token) {

  private static final char SEPARATOR = '\u0001';

  /** RFC 6750's b64token after a case-insensitive scheme. */
  private static final Pattern BEARER =
      Pattern.compile("bearer +([-._~+/A-Za-z0-9]+=*)", Pattern.CASE_INSENSITIVE);

  private static final Pattern KEY = Pattern.compile("[A-Za-z]+");

  static BearerMessage parse(String message) throws SaslFailure {
    Gs2Header header = Gs2Header.parse(message, OauthBearerMechanism.NAME);
    String pairs = message.substring(header.text().length());
    if (pairs.length() < 2
        || pairs.charAt(0) != SEPARATOR
        || pairs.charAt(pairs.length() - 1) != SEPARATOR) {
      throw malformed("the message is cut short");
    }
    return new BearerMessage(header.authorizationId(), token(pairs));
  }

  private static String token(String pairs) throws SaslFailure {
    String[] parts = pairs.split(String.valueOf(SEPARATOR), -1);
    // The parts before the first separator and after the last two are empty.
    if (parts.length < 4 || !parts[parts.length - 2].isEmpty()) {
      throw malformed("the message is cut short");
    }
    String token = null;
    for (int i = 1; i < parts.length - 2; i++) {
      int equals = parts[i].indexOf('=');
      if (equals < 0 || !KEY.matcher(parts[i].substring(0, equals)).matches()) {
        throw malformed("a part that is no key and value");
      }
      if (parts[i].startsWith("auth=")) {
        token = bearer(parts[i].substring("auth=".length()), token);
      }
    }
    if (token == null) {
      throw malformed("no token (auth=)");
    }
    return token;
  }

  private static String bearer(String value, @Nullable String before) throws SaslFailure {
    Matcher bearer = BEARER.matcher(value);
    if (before != null) {
      throw malformed("two tokens");
    }
    if (!bearer.matches()) {
      throw malformed("'auth' is no bearer token");
    }
    return bearer.group(1);
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "BearerMessage[authorizationId=" + authorizationId + ", token=***]";
  }

  private static SaslFailure malformed(String detail) {
    return new SaslFailure(SaslFailure.Reason.MALFORMED, "OAUTHBEARER: " + detail);
  }
}
