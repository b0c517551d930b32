package io.gatehouse.wire.schema;

/**
 * A range of message versions, both ends included; {@link #NONE} contains no version.
 *
 * @param lowest first version
 * @param highest last version, {@link Short#MAX_VALUE} for an open end
 */
public record Versions(short lowest, short highest) {

  public static final Versions NONE = new Versions((short) 0, (short) -1);
  public static final Versions ALL = new Versions((short) 0, Short.MAX_VALUE);

  /**
   * Parses the notation of the JSON definitions: {@code none}, {@code 3}, {@code 3+}, {@code 3-5}.
   *
   * @throws IllegalArgumentException for any other text
   */
  public static Versions parse(String text) {
    String trimmed = text.strip();
    if (trimmed.equals("none")) {
      return NONE;
    }
    try {
      if (trimmed.endsWith("+")) {
        return new Versions(
            Short.parseShort(trimmed.substring(0, trimmed.length() - 1)), Short.MAX_VALUE);
      }
      int dash = trimmed.indexOf('-');
      if (dash < 0) {
        short only = Short.parseShort(trimmed);
        return new Versions(only, only);
      }
      return new Versions(
          Short.parseShort(trimmed.substring(0, dash)),
          Short.parseShort(trimmed.substring(dash + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not a version range: '" + text + "'", e);
    }
  }

  public boolean contains(int version) {
    return version >= lowest && version <= highest;
  }

  public boolean isEmpty() {
    return highest < lowest;
  }
}
