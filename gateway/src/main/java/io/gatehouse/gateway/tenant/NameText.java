package io.gatehouse.gateway.tenant;

/** Names and the lengths before them, as messages encode them. */
final class NameText {

  /** The longest string of the protocol in bytes. */
  static final int MAX_BYTES = Short.MAX_VALUE;

  private NameText() {}

  /**
   * The length of a string with other bytes after it.
   *
   * @param length of the string in bytes, without the length
   * @param compact whether the length is an unsigned varint plus one (KIP-482), else an int16
   * @param after the first bytes of the string
   */
  static byte[] lengthAnd(int length, boolean compact, byte[] after) {
    int width = compact ? varintBytes(length + 1) : Short.BYTES;
    byte[] bytes = new byte[width + after.length];
    writeLength(length, compact, width, bytes);
    System.arraycopy(after, 0, bytes, width, after.length);
    return bytes;
  }

  /**
   * Writes a length.
   *
   * @param width its bytes; a varint may have more of them than it needs
   */
  static void writeLength(int length, boolean compact, int width, byte[] target) {
    if (!compact) {
      target[0] = (byte) (length >>> 8);
      target[1] = (byte) length;
      return;
    }
    int rest = length + 1;
    for (int i = 0; i < width; i++) {
      target[i] = (byte) ((rest & 0x7f) | (i < width - 1 ? 0x80 : 0));
      rest >>>= 7;
    }
  }

  static int varintBytes(int value) {
    return Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(value) + 6) / 7);
  }

  /**
   * The encoded bytes field: its length and its content.
   *
   * @param compact whether the length is an unsigned varint plus one, else an int32
   */
  static byte[] bytesField(byte[] content, boolean compact) {
    if (compact) {
      return lengthAnd(content.length, true, content);
    }
    byte[] field = new byte[Integer.BYTES + content.length];
    for (int i = 0; i < Integer.BYTES; i++) {
      field[i] = (byte) (content.length >>> (8 * (Integer.BYTES - 1 - i)));
    }
    System.arraycopy(content, 0, field, Integer.BYTES, content.length);
    return field;
  }
}
