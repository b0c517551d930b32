package io.gatehouse.gateway.acl;

import org.jspecify.annotations.Nullable;

/** The host of a client. */
final class ClientHost {

  private final String text;
  private final byte @Nullable [] address;

  /** A host by its IP address as Java writes it. */
  ClientHost(String text) {
    this.text = text;
    this.address = HostPattern.bytes(text);
  }

  String text() {
    return text;
  }

  boolean isIn(HostPattern.Network network) {
    return address != null && network.contains(address);
  }
}
