package io.gatehouse.gateway.tenant;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Marks topics that a client must not use, in messages that stream or that a broker remembers. A
 * marked topic is none that a cluster can have, and is restored from the mark alone: the broker
 * answers for it as for any unknown topic, and the client gets the error of a refused one.
 *
 * <p>In a name, one character becomes another that names of topics cannot have, so that its length
 * stays. In an id (KIP-516: random UUIDs of version 4) the version is another one.
 */
public final class TopicMask {

  /**
   * The characters of names, of which the last two are never replaced: ASCII has two others too
   * few.
   */
  private static final String LEGAL =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

  private static final int REPLACED = 63;
  private static final int ASCII = 128;
  private static final byte[] MASKS = new byte[ASCII];
  private static final byte[] UNMASKED = new byte[ASCII];

  /** The versions of ids are different from this one, and from that of other tenants' topics. */
  private static final int VERSION = 0xE;

  private static final int RANDOM_VERSION = 4;
  private static final int VERSION_SHIFT = 12;

  static {
    byte[] legal = LEGAL.getBytes(StandardCharsets.US_ASCII);
    int next = 0;
    for (int other = 0; other < ASCII; other++) {
      if (LEGAL.indexOf(other) < 0) {
        MASKS[legal[next]] = (byte) other;
        UNMASKED[other] = legal[next];
        next++;
      }
    }
    if (next != REPLACED) {
      throw new IllegalStateException("another number of characters");
    }
  }

  private TopicMask() {}

  /**
   * Marks a name.
   *
   * @return false if that is not possible, because it has no letter, digit or underscore
   */
  public static boolean mask(ByteBuf in, int from, int length) {
    for (int i = from; i < from + length; i++) {
      byte one = in.getByte(i);
      if (one >= 0 && LEGAL.indexOf(one) >= 0 && LEGAL.indexOf(one) < REPLACED) {
        in.setByte(i, MASKS[one]);
        return true;
      }
    }
    return false;
  }

  /** Whether a name is marked, or none that a topic can have. */
  public static boolean isMasked(ByteBuf in, int from, int length) {
    return indexOfMark(in, from, length) >= 0;
  }

  /** Restores a name; false if it is not marked. */
  public static boolean unmask(ByteBuf in, int from, int length) {
    int at = indexOfMark(in, from, length);
    if (at < 0) {
      return false;
    }
    in.setByte(at, UNMASKED[in.getByte(at)]);
    return true;
  }

  private static int indexOfMark(ByteBuf in, int from, int length) {
    for (int i = from; i < from + length; i++) {
      byte one = in.getByte(i);
      if (one >= 0 && LEGAL.indexOf(one) < 0) {
        return i;
      }
    }
    return -1;
  }

  /** The marked name; null if that is not possible. */
  static @Nullable String masked(String name) {
    for (int i = 0; i < name.length(); i++) {
      int legal = LEGAL.indexOf(name.charAt(i));
      if (legal >= 0 && legal < REPLACED) {
        return with(name, i, MASKS[name.charAt(i)]);
      }
    }
    return null;
  }

  /** The name that a marked one stands for; null if it is not marked. */
  static @Nullable String unmasked(String name) {
    for (int i = 0; i < name.length(); i++) {
      char one = name.charAt(i);
      if (one < ASCII && LEGAL.indexOf(one) < 0) {
        return with(name, i, UNMASKED[one]);
      }
    }
    return null;
  }

  private static String with(String name, int at, byte other) {
    return name.substring(0, at) + (char) other + name.substring(at + 1);
  }

  /** The upper half of a marked id. */
  public static long masked(long high) {
    return withVersion(high, VERSION);
  }

  /** Whether the upper half is that of a marked id. */
  public static boolean isMasked(long high) {
    return (high >>> VERSION_SHIFT & 0xF) == VERSION;
  }

  /** The upper half of the id that the client has sent. */
  public static long unmasked(long high) {
    return withVersion(high, RANDOM_VERSION);
  }

  private static long withVersion(long high, int version) {
    return (high & ~(0xFL << VERSION_SHIFT)) | ((long) version << VERSION_SHIFT);
  }
}
