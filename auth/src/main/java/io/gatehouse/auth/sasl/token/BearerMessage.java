package io.gatehouse.auth.sasl.token;

import io.gatehouse.auth.sasl.SaslFailure;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A client's first message (RFC 7628 §3.1): a GS2 header, then pairs of key and value, each with a
 * 0x01 behind it, and one more 0x01. Of the pairs only {@code auth} counts: what else a client says
 * of itself nobody has proved.
 */
record BearerMessage(String authorizationId, String token) {

  private static final char SEPARATOR = '\u0001';

  /** RFC 6750's b64token, behind a scheme that is not case sensitive. */
  private static final Pattern BEARER =
      Pattern.compile("bearer +([-._~+/A-Za-z0-9]+=*)", Pattern.CASE_INSENSITIVE);

  private static final Pattern KEY = Pattern.compile("[A-Za-z]+");

  static BearerMessage parse(String message) throws SaslFailure {
    int flagEnd = message.indexOf(',');
    int headerEnd = message.indexOf(',', flagEnd + 1);
    if (flagEnd < 0 || headerEnd < 0) {
      throw malformed("no GS2 header");
    }
    String flag = message.substring(0, flagEnd);
    if (!flag.equals("n") && !flag.equals("y")) {
      throw malformed(
          flag.startsWith("p=")
              ? "the client demands channel binding, which is not offered"
              : "no channel binding flag");
    }
    String authorizationId = authorizationId(message.substring(flagEnd + 1, headerEnd));
    String pairs = message.substring(headerEnd + 1);
    if (pairs.length() < 2
        || pairs.charAt(0) != SEPARATOR
        || pairs.charAt(pairs.length() - 1) != SEPARATOR) {
      throw malformed("the message is cut short");
    }
    return new BearerMessage(authorizationId, token(pairs));
  }

  private static String token(String pairs) throws SaslFailure {
    String[] parts = pairs.split(String.valueOf(SEPARATOR), -1);
    // Before the first separator, between the last two and behind the last there is nothing.
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

  private static String authorizationId(String part) throws SaslFailure {
    if (part.isEmpty()) {
      return "";
    }
    if (!part.startsWith("a=") || part.length() == 2) {
      throw malformed("what stands in the place of the authorization id is none");
    }
    // RFC 5801: a comma is escaped as =2C, an equals sign as =3D.
    return part.substring(2).replace("=2C", ",").replace("=3D", "=");
  }

  /** The token stays out of texts. */
  @Override
  public String toString() {
    return "BearerMessage[authorizationId=" + authorizationId + ", token=***]";
  }

  private static SaslFailure malformed(String detail) {
    return new SaslFailure(SaslFailure.Reason.MALFORMED, "OAUTHBEARER: " + detail);
  }
}
