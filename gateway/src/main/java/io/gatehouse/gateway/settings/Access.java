package io.gatehouse.gateway.settings;

import io.gatehouse.tls.ClientTls;
import org.jspecify.annotations.Nullable;

/**
 * How the gateway connects to a cluster's brokers and authenticates there.
 *
 * @param tls TLS settings, or null for plaintext
 * @param accounts the accounts it logs in with
 * @param forwardProxy forward proxy to connect through, or null
 * @param proxyHeader version of the PROXY protocol header that tells brokers the client's address:
 *     1, 2, or 0 for none
 * @param handshake the handshake with another gateway in front of the brokers, or null
 */
public record Access(
    @Nullable ClientTls tls,
    Accounts accounts,
    @Nullable ForwardProxy forwardProxy,
    int proxyHeader,
    @Nullable HandshakeOffered handshake) {

  public static final Access PLAINTEXT = new Access(null, Accounts.NONE, null, 0);

  public Access {
    if (proxyHeader < 0 || proxyHeader > 2) {
      throw new IllegalArgumentException(
          "there is no PROXY protocol version " + proxyHeader + "; there are 1 and 2");
    }
  }

  public Access(
      @Nullable ClientTls tls,
      Accounts accounts,
      @Nullable ForwardProxy forwardProxy,
      int proxyHeader) {
    this(tls, accounts, forwardProxy, proxyHeader, null);
  }

  public Access with(HandshakeOffered other) {
    return new Access(tls, accounts, forwardProxy, proxyHeader, other);
  }

  public Access with(Accounts other) {
    return new Access(tls, other, forwardProxy, proxyHeader, handshake);
  }

  public Access with(ClientTls other) {
    return new Access(other, accounts, forwardProxy, proxyHeader, handshake);
  }
}
