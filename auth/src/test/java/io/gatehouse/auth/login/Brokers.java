package io.gatehouse.auth.login;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.authenticator.CredentialCache;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerSaslServer;
import org.apache.kafka.common.security.plain.PlainAuthenticateCallback;
import org.apache.kafka.common.security.plain.internals.PlainSaslServer;
import org.apache.kafka.common.security.scram.ScramCredential;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;
import org.apache.kafka.common.security.scram.internals.ScramSaslServer;
import org.apache.kafka.common.security.scram.internals.ScramServerCallbackHandler;
import org.apache.kafka.common.security.token.delegation.internals.DelegationTokenCache;
import org.jspecify.annotations.Nullable;

/** The SASL servers of a broker, without the broker. */
public final class Brokers {

  private Brokers() {}

  public static SaslServer plain(String user, String password) {
    return new PlainSaslServer(callbacks -> {
      String name = "";
      for (Callback callback : callbacks) {
        switch (callback) {
          case NameCallback asked -> name = asked.getDefaultName();
          case PlainAuthenticateCallback asked ->
              asked.authenticated(
                  name.equals(user) && password.equals(new String(asked.password())));
          default -> throw new AssertionError(callback);
        }
      }
    });
  }

  public static SaslServer scram(String mechanism, String user, String password) throws Exception {
    ScramMechanism scram = ScramMechanism.forMechanismName(mechanism);
    CredentialCache.Cache<ScramCredential> credentials =
        new CredentialCache.Cache<>(ScramCredential.class);
    credentials.put(user, new ScramFormatter(scram).generateCredential(password, 4096));
    ScramServerCallbackHandler handler =
        new ScramServerCallbackHandler(
            credentials, new DelegationTokenCache(ScramMechanism.mechanismNames()));
    handler.configure(Map.of(), mechanism, List.of());
    return new ScramSaslServer(scram, Map.of(), handler);
  }

  /** Accepts any token that has not expired, without checking its signature. */
  public static SaslServer bearer() {
    return new OAuthBearerSaslServer(
        new AuthenticateCallbackHandler() {
          @Override
          public void configure(
              Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {}

          @Override
          public void handle(Callback[] callbacks) {
            for (Callback callback : callbacks) {
              if (!(callback instanceof OAuthBearerValidatorCallback asked)) {
                continue; // extensions, of which these exchanges have none
              }
              Bearer bearer = Bearer.read(asked.tokenValue());
              if (bearer.lifetimeMs() < System.currentTimeMillis()) {
                asked.error("invalid_token", null, null);
              } else {
                asked.token(bearer);
              }
            }
          }

          @Override
          public void close() {}
        });
  }

  private record Bearer(String value, String principalName, long lifetimeMs)
      implements OAuthBearerToken {

    static Bearer read(String value) {
      String claims = new String(Base64.getUrlDecoder().decode(value.split("\\.", -1)[1]), UTF_8);
      return new Bearer(
          value,
          claims.replaceAll(".*\"sub\":\"([^\"]*)\".*", "$1"),
          (long) (Double.parseDouble(claims.replaceAll(".*\"exp\":([0-9.E]+).*", "$1")) * 1000));
    }

    @Override
    public Set<String> scope() {
      return Set.of();
    }

    @Override
    public Long startTimeMs() {
      return 0L;
    }
  }

  /** Runs the exchange as the gateway does; returns the authorization id that the broker sees. */
  public static String talk(LoginExchange exchange, SaslServer server)
      throws LoginFailure, SaslException {
    try (exchange) {
      byte @Nullable [] token = exchange.first();
      for (int round = 0; token != null; round++) {
        assertThat(round).isLessThan(10);
        byte[] challenge = server.evaluateResponse(token);
        token = exchange.next(challenge == null ? new byte[0] : challenge);
        if (token != null && server.isComplete()) {
          throw new AssertionError("says more than the broker wants: " + new String(token, UTF_8));
        }
      }
      assertThat(server.isComplete()).isTrue();
      assertThat(exchange.isComplete()).isTrue();
      return server.getAuthorizationID();
    }
  }

  /** The broker's text for a refusal. */
  public static String refusal(LoginExchange exchange, SaslServer server) {
    try {
      return "accepted " + talk(exchange, server);
    } catch (LoginFailure | SaslException | KafkaException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
