package io.gatehouse.http;

/** Writes addresses the way they are typed. */
final class HostPort {
  private HostPort() {}

  /** {@code host:port}, with an IPv6 literal in brackets. */
  static String of(String host, int port) {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
