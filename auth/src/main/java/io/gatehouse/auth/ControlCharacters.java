package io.gatehouse.auth;

/**
 * Characters with which a text can pass itself off as another one: those that end lines or steer
 * terminals (C0, C1, line and paragraph separator), those that turn the direction of what follows
 * (Unicode Standard Annex #9, "Bidirectional Formatting Characters"), and halves of surrogate
 * pairs, which have no form in UTF-8. They have no place in names, and are escaped in logs.
 */
public final class ControlCharacters {

  private ControlCharacters() {}

  /** Whether a text holds any. */
  public static boolean in(String text) {
    return text.codePoints().anyMatch(ControlCharacters::is);
  }

  /**
   * @param c a code point
   */
  public static boolean is(int c) {
    return c < 0x20
        || (c >= 0x7F && c <= 0x9F)
        || c == 0x061C
        || c == 0x200E
        || c == 0x200F
        || (c >= 0x2028 && c <= 0x202E)
        || (c >= 0x2066 && c <= 0x2069)
        || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }
}
