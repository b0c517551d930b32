package io.gatehouse.auth.sasl;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Text from clients that are not authenticated yet. */
public final class ClientText {

  private static final int SHOWN = 64;

  private ClientText() {}

  /**
   * Decodes a token as UTF-8.
   *
   * @param limit in bytes
   * @throws SaslFailure MALFORMED when it is longer than the limit or not UTF-8
   */
  public static String decode(byte[] token, int limit, String mechanism) throws SaslFailure {
    if (token.length > limit) {
      throw new SaslFailure(
          SaslFailure.Reason.MALFORMED,
          mechanism + " token of " + token.length + " bytes; at most " + limit + " are taken");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(token)).toString();
    } catch (CharacterCodingException e) {
      throw new SaslFailure(
          SaslFailure.Reason.MALFORMED, mechanism + " token that is not UTF-8", e);
    }
  }

  /** A name in quotes for logs and messages: at most 64 characters, without control characters. */
  public static String shown(String name) {
    StringBuilder shown = new StringBuilder("'");
    name.codePoints()
        .limit(SHOWN)
        .forEach(c -> shown.appendCodePoint(isPlain(c) ? c : Character.codePointAt("\uFFFD", 0)));
    if (name.codePointCount(0, name.length()) > SHOWN) {
      shown.append("...");
    }
    return shown.append("'").toString();
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
