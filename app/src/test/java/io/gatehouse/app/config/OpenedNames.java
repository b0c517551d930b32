package io.gatehouse.app.config;

import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.token.TokenLogin;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.token.OauthBearerMechanism;
import io.gatehouse.control.ExternalAccounts;

/** The names of mechanisms that settings describe. */
public final class OpenedNames {

  private OpenedNames() {}

  /** Of a mechanism. Programs are not started for it. */
  public static String of(Source<SaslMechanism> mechanism) {
    return switch (mechanism) {
      case PlainMechanism.Settings _ -> PlainMechanism.NAME;
      case OauthBearerMechanism.Settings _ -> OauthBearerMechanism.NAME;
      case ExternalAccounts.Settings external -> of(external.mechanism());
      default -> {
        try (Leases leases = new Pool().leases()) {
          yield leases.get(mechanism).name();
        } catch (SourceException e) {
          throw new IllegalStateException(e);
        }
      }
    };
  }

  /** The mechanism of an account. */
  public static String ofAccount(Source<Login> account) {
    if (account instanceof TokenLogin.Settings) {
      return "OAUTHBEARER"; // without a start of its program
    }
    try (Leases leases = new Pool().leases()) {
      return leases.get(account).mechanism();
    } catch (SourceException e) {
      throw new IllegalStateException(e);
    }
  }
}
