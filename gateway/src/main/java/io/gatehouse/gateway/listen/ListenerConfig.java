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
 * What a listener's settings ask of connections, and what runs for it.
 *
 * @param tls null: plaintext
 * @param mechanisms what clients can log in with where SASL ends here; else none
 * @param handshakes checks what other gateways show, or null where only clients come
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
