package io.gatehouse.gateway.listen;

import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.auth.sasl.token.TokenVerifier;
import io.gatehouse.gateway.cluster.AddressBook;
import io.gatehouse.gateway.cluster.Target;
import io.gatehouse.gateway.cluster.Upstream;
import io.gatehouse.gateway.flow.ListenerBinding;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.tls.TlsContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A listener's settings with the live objects that they describe.
 *
 * @param tls TLS context, or null for plaintext
 * @param mechanisms SASL mechanisms of clients that the gateway authenticates; else empty
 * @param handshakes verifier of other gateways' tokens, or null without that handshake
 */
public record ListenerConfig(
    ListenerSettings settings,
    Upstream upstream,
    @Nullable TlsContext tls,
    List<SaslMechanism> mechanisms,
    @Nullable TokenVerifier handshakes) {

  ListenerBinding bind(Target target, AddressBook addresses) {
    return new ListenerBinding(settings, upstream, target, addresses, mechanisms);
  }
}
