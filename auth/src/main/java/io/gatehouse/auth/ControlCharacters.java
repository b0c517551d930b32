package io.gatehouse.auth;

/**
 * Characters that can make a text look like another one: line ends and terminal controls (C0, C1,
 * line and paragraph separator), marks that change the text direction (Unicode Standard Annex #9,
 * "Bidirectional Formatting Characters"), and surrogate halves, which UTF-8 cannot encode. Names
 * must not contain them, and logs escape them.
 */
public final class ControlCharacters {

  private ControlCharacters() {}

  /** Whether a text contains such a character. */
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
