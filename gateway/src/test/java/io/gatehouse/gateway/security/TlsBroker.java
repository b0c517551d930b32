package io.gatehouse.gateway.security;

import io.gatehouse.gateway.fixture.Scripts;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.FakeBroker;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import java.util.List;

/** A TLS broker that echoes the bytes after each request's correlation id. */
record TlsBroker(FakeBroker broker) implements AutoCloseable {

  /**
   * @param clients trusted client certificates; none are requested if it is empty
   */
  TlsBroker(Credentials shown, Authority... clients) {
    this(
        FakeBroker.startTls(Scripts.ECHO, Credentials.context(shown, clients), clients.length > 0));
  }

  HostPort address() {
    return Scripts.address(broker);
  }

  /** The server names of connections, empty for none. */
  List<String> names() {
    return broker.serverNames();
  }

  @Override
  public void close() {
    broker.close();
  }
}
