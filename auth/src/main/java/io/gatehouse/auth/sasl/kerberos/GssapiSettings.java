package io.gatehouse.auth.sasl.kerberos;

import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.SaslMechanism;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The gateway's Kerberos service.
 *
 * @param principal {@code service/host@REALM}, for which clients request a ticket
 * @param keytab the file with the principal's key, which the JDK reads again when it changes
 * @param rules {@code sasl.kerberos.principal.to.local.rules}; {@code DEFAULT} maps {@code
 *     alice@REALM} to {@code alice}
 */
public record GssapiSettings(String principal, Path keytab, List<String> rules)
    implements Source<SaslMechanism> {

  /**
   * @throws IllegalArgumentException when the principal is not that of a service or the keytab is
   *     unreadable
   */
  public GssapiSettings {
    rules = List.copyOf(rules);
    if (!principal.matches("[^/@]+/[^/@]+@[^/@]+")) {
      throw new IllegalArgumentException(
          "The Kerberos principal " + principal + " is not written service/host@REALM");
    }
    if (!Files.isReadable(keytab)) {
      throw new IllegalArgumentException("The keytab " + keytab + " cannot be read");
    }
    if (rules.isEmpty()) {
      throw new IllegalArgumentException(
          "No rule makes Kerberos principals to names; Kafka's default is DEFAULT");
    }
  }

  @Override
  public SaslMechanism open(Leases parts) {
    return new GssapiMechanism(this);
  }

  @Override
  public void check() {
    new GssapiMechanism(this).close();
  }

  /** Settings with Kafka's default rules. */
  public static GssapiSettings of(String principal, Path keytab) {
    return new GssapiSettings(principal, keytab, List.of("DEFAULT"));
  }

  String service() {
    return principal.substring(0, principal.indexOf('/'));
  }

  String host() {
    return principal.substring(principal.indexOf('/') + 1, principal.indexOf('@'));
  }

  String realm() {
    return principal.substring(principal.indexOf('@') + 1);
  }
}
