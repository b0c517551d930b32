package io.gatehouse.gateway.settings;

import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.tls.PrincipalRules;
import java.time.Duration;
import java.util.List;

/** How a listener authenticates clients. */
public sealed interface Authentication {

  /**
   * No SASL: the principal comes from the client's certificate, or is anonymous.
   *
   * @param rules map a certificate's subject to a name (KIP-371)
   */
  record Open(PrincipalRules rules) implements Authentication {
    public Open() {
      this(PrincipalRules.DEFAULT);
    }
  }

  /**
   * The gateway authenticates clients by SASL; at brokers it uses its own accounts.
   *
   * @param mechanisms one or more
   * @param maxSession maximum session time until clients must re-authenticate (KIP-368); sessions
   *     also end with the client's credentials. Zero for no maximum
   */
  record Sasl(List<Source<SaslMechanism>> mechanisms, Duration maxSession)
      implements Authentication {
    public Sasl {
      mechanisms = List.copyOf(mechanisms);
      if (mechanisms.isEmpty()) {
        throw new IllegalArgumentException("no SASL mechanism is configured");
      }
      if (maxSession.isNegative()) {
        throw new IllegalArgumentException("the maximum session time is negative: " + maxSession);
      }
    }
  }

  /** SASL is forwarded: brokers authenticate clients, and the gateway observes the principal. */
  record Forwarded() implements Authentication {}
}
