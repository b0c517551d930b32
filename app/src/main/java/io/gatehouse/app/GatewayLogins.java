package io.gatehouse.app;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.scram.ScramMechanism;
import io.gatehouse.auth.sasl.token.ServiceAccountTokens;
import io.gatehouse.control.AccountPasswords;
import io.gatehouse.control.ExternalAccounts;
import io.gatehouse.control.Logins;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.gateway.credentials.CredentialSteps;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.ServerTls;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How clients log in by the settings in force. */
record GatewayLogins(Supplier<GatewaySettings> settings) implements Logins, CredentialSteps.Policy {

  /** Where listeners have different keys, that of the first. */
  @Override
  public @Nullable Secret tokenKey() {
    return mechanisms()
        .filter(PlainMechanism.Settings.class::isInstance)
        .map(plain -> ((PlainMechanism.Settings) plain).passwords())
        .filter(ServiceAccountTokens.Settings.class::isInstance)
        .map(tokens -> ((ServiceAccountTokens.Settings) tokens).key())
        .findFirst()
        .orElse(null);
  }

  @Override
  public boolean take(ServiceAccount.Type type) {
    return switch (type) {
      case LOCAL -> mechanisms().findAny().isPresent();
      case EXTERNAL ->
          mechanisms().anyMatch(ExternalAccounts.Settings.class::isInstance)
              || settings.get().listeners().stream().anyMatch(GatewayLogins::takesCertificates);
    };
  }

  static boolean takesCertificates(ListenerSettings listener) {
    ServerTls tls = listener.entry().tls();
    return tls != null
        && tls.clients().auth() != ClientAuth.NONE
        && listener.entry().authentication() instanceof Authentication.Open;
  }

  @Override
  public boolean leadTo(String virtualCluster) {
    return settings.get().tenancy().byListener().containsValue(virtualCluster);
  }

  @Override
  public String prefixSeparator() {
    return settings.get().tenancy().separator();
  }

  /** Whether clients of this listener log in by SCRAM with the passwords of service accounts. */
  @Override
  public boolean keepsCredentialsOf(String listener) {
    for (ListenerSettings one : settings.get().listeners()) {
      if (one.name().equals(listener)) {
        return one.entry().authentication() instanceof Authentication.Sasl sasl
            && sasl.mechanisms().stream()
                .anyMatch(mechanism ->
                    mechanism instanceof ScramMechanism.Settings scram
                        && scram.credentials() instanceof AccountPasswords.Settings);
      }
    }
    return false;
  }

  @Override
  public boolean admits(User user) {
    return Key.PASSTHROUGH.equals(user.tenant())
        && settings.get().traffic().rules().credentialAdmins().contains(user.name());
  }

  private Stream<Source<SaslMechanism>> mechanisms() {
    return settings.get().listeners().stream()
        .map(listener -> listener.entry().authentication())
        .filter(Authentication.Sasl.class::isInstance)
        .flatMap(sasl -> ((Authentication.Sasl) sasl).mechanisms().stream());
  }
}
