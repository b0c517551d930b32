package io.gatehouse.gateway.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A range of IP addresses such as {@code 10.0.0.0/8}, or a single address.
 *
 * @param bits prefix length
 */
public record Network(InetAddress address, int bits) {

  public Network {
    if (bits < 0 || bits > 8 * address.getAddress().length) {
      throw new IllegalArgumentException(
          "/" + bits + " is no prefix length for " + address.getHostAddress());
    }
  }

  /**
   * Parses an address with an optional prefix length.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static Network parse(String text) {
    String trimmed = text.strip();
    int slash = trimmed.indexOf('/');
    String host = slash < 0 ? trimmed : trimmed.substring(0, slash);
    if (host.isEmpty()
        || !host.chars().allMatch(c -> Character.digit(c, 16) >= 0 || ".:".indexOf(c) >= 0)) {
      throw new IllegalArgumentException(
          "'" + trimmed + "' is neither an address nor a network such as 10.0.0.0/8");
    }
    try {
      InetAddress address = InetAddress.getByName(host);
      int all = 8 * address.getAddress().length;
      return new Network(address, slash < 0 ? all : Integer.parseInt(trimmed.substring(slash + 1)));
    } catch (UnknownHostException | NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + trimmed + "' is neither an address nor a network such as 10.0.0.0/8", e);
    }
  }

  /** Whether an address of the same family is in this network. */
  public boolean contains(InetAddress other) {
    byte[] mine = address.getAddress();
    byte[] its = other.getAddress();
    if (mine.length != its.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit & 7);
      if ((mine[bit >> 3] & mask) != (its[bit >> 3] & mask)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + bits;
  }
}
