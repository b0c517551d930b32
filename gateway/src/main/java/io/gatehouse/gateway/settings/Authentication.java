package io.gatehouse.gateway.settings;

import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.tls.PrincipalRules;
import java.time.Duration;
import java.util.List;

/** How a client's principal is found. */
public sealed interface Authentication {

  /**
   * No SASL here: clients are who their certificate says, or nobody in particular.
   *
   * @param rules from a certificate's subject to a name
   */
  record Open(PrincipalRules rules) implements Authentication {
    public Open() {
      this(PrincipalRules.DEFAULT);
    }
  }

  /**
   * SASL ends here; brokers see the gateway's own account.
   *
   * @param mechanisms one or more
   * @param maxSession after this long clients must authenticate anew (KIP-368), or earlier when
   *     their proof ends; zero: only then
   */
  record Sasl(List<Source<SaslMechanism>> mechanisms, Duration maxSession)
      implements Authentication {
    public Sasl {
      mechanisms = List.copyOf(mechanisms);
      if (mechanisms.isEmpty()) {
        throw new IllegalArgumentException("no SASL mechanism is configured");
      }
      if (maxSession.isNegative()) {
        throw new IllegalArgumentException("the longest session is negative: " + maxSession);
      }
    }
  }

  /** Brokers authenticate clients; the gateway learns from the exchange who they are. */
  record Forwarded() implements Authentication {}
}
