package io.gatehouse.auth.sasl;

import io.gatehouse.auth.ControlCharacters;

/**
 * The header in front of a client's first message (RFC 5801 §4), without channel binding.
 *
 * @param text the header as received, with its trailing comma
 * @param authorizationId empty where the client names none
 */
public record Gs2Header(String text, String authorizationId) {

  /**
   * Reads the header at the beginning of a message.
   *
   * @param mechanism for the message of a failure
   * @throws SaslFailure MALFORMED when there is no valid header, or it demands channel binding
   */
  public static Gs2Header parse(String message, String mechanism) throws SaslFailure {
    int flagEnd = message.indexOf(',');
    int headerEnd = message.indexOf(',', flagEnd + 1);
    if (flagEnd < 0 || headerEnd < 0) {
      throw malformed(mechanism, "no GS2 header");
    }
    String flag = message.substring(0, flagEnd);
    if (!flag.equals("n") && !flag.equals("y")) {
      throw malformed(
          mechanism,
          flag.startsWith("p=")
              ? "the client demands channel binding, which is not offered"
              : "no channel binding flag");
    }
    String name = message.substring(flagEnd + 1, headerEnd);
    if (!name.isEmpty() && !name.startsWith("a=")) {
      throw malformed(mechanism, "no authorization id in its place");
    }
    return new Gs2Header(
        message.substring(0, headerEnd + 1),
        name.isEmpty() ? "" : unescaped(name.substring(2), mechanism));
  }

  /**
   * Decodes a {@code saslname} (RFC 5801 §4): {@code =2C} is a comma, {@code =3D} an equals sign.
   *
   * @throws SaslFailure MALFORMED when it is empty, holds control characters or another escape
   */
  public static String unescaped(String name, String mechanism) throws SaslFailure {
    if (name.isEmpty() || ControlCharacters.in(name)) {
      throw malformed(mechanism, "a name that is empty or holds control characters");
    }
    if (name.replace("=2C", "\0").replace("=3D", "\0").contains("=")) {
      throw malformed(mechanism, "a name with an equals sign that is not escaped");
    }
    return name.replace("=2C", ",").replace("=3D", "=");
  }

  private static SaslFailure malformed(String mechanism, String detail) {
    return new SaslFailure(SaslFailure.Reason.MALFORMED, mechanism + ": " + detail);
  }
}
