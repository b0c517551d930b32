package io.gatehouse.auth.sasl.kerberos;

import io.gatehouse.auth.KerberosLogin;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslMechanism;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.kerberos.KerberosPrincipal;
import javax.security.auth.kerberos.KeyTab;
import javax.security.auth.login.LoginException;
import org.apache.kafka.common.security.kerberos.KerberosShortNamer;

/**
 * SASL GSSAPI (RFC 4752) with Kerberos, for authentication only: integrity and encryption are left
 * to TLS.
 */
public final class GssapiMechanism implements SaslMechanism {

  /** The name of the mechanism. */
  public static final String NAME = "GSSAPI";

  private final GssapiSettings settings;
  private final Subject service;
  private final KerberosShortNamer names;

  /**
   * Does not contact the KDC, because a service needs only its own key.
   *
   * @throws IllegalArgumentException when the keytab or a rule cannot be used
   */
  public GssapiMechanism(GssapiSettings settings) {
    this.settings = settings;
    this.service = login(settings);
    this.names = KerberosShortNamer.fromUnparsedRules(settings.realm(), settings.rules());
  }

  private static Subject login(GssapiSettings settings) {
    try {
      Subject subject =
          KerberosLogin.subject(
              Map.of(
                  "principal", settings.principal(),
                  "keyTab", settings.keytab().toAbsolutePath().toString(),
                  "useKeyTab", "true",
                  "storeKey", "true",
                  "isInitiator", "false",
                  "doNotPrompt", "true",
                  "refreshKrb5Config", "true"),
              null);
      // The JDK would report a missing key only to the first client.
      KerberosPrincipal principal = new KerberosPrincipal(settings.principal());
      if (subject.getPrivateCredentials(KeyTab.class).stream()
          .allMatch(keytab -> keytab.getKeys(principal).length == 0)) {
        throw new LoginException("it holds no key of that principal");
      }
      return subject;
    } catch (LoginException e) {
      throw new IllegalArgumentException(
          "The keytab "
              + settings.keytab()
              + " cannot be used for "
              + settings.principal()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public SaslExchange begin(Peer peer) {
    return new GssapiExchange(settings, service, names);
  }
}
