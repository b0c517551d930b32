package io.gatehouse.gateway.settings;

import java.util.Locale;

/**
 * A host name or IP literal with a port. IPv6 literals are kept without brackets.
 *
 * @param port 0 to 65535; 0 stands for any free port in a listening address
 */
public record HostPort(String host, int port) {

  public HostPort {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("the host is empty");
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
  }

  /**
   * Reads {@code host:port}, with an IPv6 literal in brackets.
   *
   * @throws IllegalArgumentException with a message fit for the user
   */
  public static HostPort parse(String text) {
    String trimmed = text.strip();
    int colon = trimmed.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("'" + trimmed + "' is not host:port");
    }
    String host = trimmed.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (!bracketed && host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "'" + trimmed + "' is not host:port (put an IPv6 address in brackets)");
    }
    try {
      return new HostPort(host, Integer.parseInt(trimmed.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + trimmed + "' does not end in a port number", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + trimmed + "': " + e.getMessage(), e);
    }
  }

  /** Whether the host stands for all interfaces, to which clients cannot connect. */
  public boolean isWildcard() {
    return isWildcard(host);
  }

  public static boolean isWildcard(String host) {
    String bare = host.toLowerCase(Locale.ROOT);
    return bare.equals("0.0.0.0") || bare.equals("*") || bare.matches("(0{0,4}:){2,7}0{0,4}");
  }

  public HostPort withPort(int newPort) {
    return new HostPort(host, newPort);
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
