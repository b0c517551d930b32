package io.gatehouse.wire;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Corrupts messages at random. */
public final class Damage {

  private static final byte[] EDGES = {-1, 0x7f, (byte) 0x80, 0, 1, 2};

  private Damage() {}

  /**
   * One to three changes: a flipped bit, a random byte, a byte that looks like a length, a removed
   * or repeated piece.
   */
  public static byte[] to(byte[] whole, RandomGenerator random) {
    byte[] bytes = whole.clone();
    for (int i = 1 + random.nextInt(3); i > 0 && bytes.length > 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) (bytes[at] ^ (1 << random.nextInt(8)));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> bytes[at] = EDGES[random.nextInt(EDGES.length)];
        case 3 -> bytes[at] = (byte) (bytes[at] + random.nextInt(-3, 4));
        case 4 -> {
          int length = random.nextInt(bytes.length - at);
          byte[] less = Arrays.copyOf(bytes, bytes.length - length);
          System.arraycopy(bytes, at + length, less, at, bytes.length - at - length);
          bytes = less;
        }
        default -> {
          int length = random.nextInt(Math.min(64, bytes.length - at) + 1);
          byte[] more = Arrays.copyOf(bytes, bytes.length + length);
          System.arraycopy(bytes, at, more, at + length, bytes.length - at);
          bytes = more;
        }
      }
    }
    return bytes;
  }
}
