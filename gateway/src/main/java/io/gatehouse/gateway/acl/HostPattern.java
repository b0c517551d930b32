package io.gatehouse.gateway.acl;

import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** The hosts of a rule. */
sealed interface HostPattern {

  /** {@code *}. */
  record Any() implements HostPattern {}

  /** One address, compared as a text. */
  record Address(String text) implements HostPattern {}

  /** The addresses of a network. */
  final class Network implements HostPattern {

    private final byte[] address;
    private final int bits;

    private Network(byte[] address, int bits) {
      this.address = address;
      this.bits = bits;
    }

    /** Whether an address belongs to it; an address of the other family does not. */
    boolean contains(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      int whole = bits >> 3;
      for (int i = 0; i < whole; i++) {
        if (address[i] != other[i]) {
          return false;
        }
      }
      int rest = bits & 7;
      return rest == 0 || ((address[whole] ^ other[whole]) & (0xff00 >> rest) & 0xff) == 0;
    }
  }

  static HostPattern parse(String text) {
    if (text.equals(AclBinding.ANY_HOST)) {
      return new Any();
    }
    int slash = text.indexOf('/');
    byte[] address = slash < 0 ? null : bytes(text.substring(0, slash));
    if (address == null) {
      return new Address(text);
    }
    String length = text.substring(slash + 1);
    if (address.length == 4 && !length.matches("[0-9]{1,2}")) {
      return new Address(text);
    }
    try {
      int bits = Integer.parseInt(length); // Kafka takes a sign for IPv6 networks
      return bits < 0 || bits > 8 * address.length ? new Address(text) : new Network(address, bits);
    } catch (NumberFormatException e) {
      return new Address(text);
    }
  }

  /** The bytes of an IP address, or null for other texts. Resolves no names. */
  static byte @Nullable [] bytes(String text) {
    if (text.indexOf(':') < 0) {
      return bytes4(text);
    }
    try {
      return InetAddress.ofLiteral(text) instanceof Inet6Address address
          ? address.getAddress()
          : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Four decimal numbers: {@code InetAddress} would take fewer as well. */
  private static byte @Nullable [] bytes4(String text) {
    byte[] bytes = new byte[4];
    int part = 0;
    int digits = 0;
    int value = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? '.' : text.charAt(i);
      if (c == '.') {
        if (digits == 0 || digits > 3 || value > 255 || part == 4) {
          return null;
        }
        bytes[part++] = (byte) value;
        digits = 0;
        value = 0;
      } else if (c < '0' || c > '9' || digits == 3) {
        return null;
      } else {
        digits++;
        value = 10 * value + c - '0';
      }
    }
    return part == 4 ? bytes : null;
  }
}
