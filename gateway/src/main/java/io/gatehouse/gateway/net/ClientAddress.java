package io.gatehouse.gateway.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * The address under which limits count a client: IPv4 addresses one by one, IPv6 addresses by their
 * /64, since a host usually controls all addresses of its /64 (RFC 4291 §2.5.1).
 */
public final class ClientAddress {

  private static final int NETWORK_BYTES = 8;

  private ClientAddress() {}

  public static InetAddress limitKey(InetAddress address) {
    if (!(address instanceof Inet6Address six) || six.isLoopbackAddress()) {
      return address;
    }
    byte[] bytes = six.getAddress();
    Arrays.fill(bytes, NETWORK_BYTES, bytes.length, (byte) 0);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IPv6 address of another length", e);
    }
  }
}
