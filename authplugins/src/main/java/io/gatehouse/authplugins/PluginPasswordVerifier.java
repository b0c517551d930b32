package io.gatehouse.authplugins;

import io.gatehouse.auth.AuthMetrics;
import io.gatehouse.auth.ControlCharacters;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange.Outcome;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.auth.sasl.password.PasswordVerifier;
import io.gatehouse.auth.sasl.password.PlainMechanism;

/**
 * Has a plugin check passwords: {@code proto.PasswordAuthenticator/Authenticate} with username = 1
 * and password = 2, answered by authenticated = 1 and status = 2 (docs/kafka-proxy.md). The meaning
 * of a status is up to the plugin, so it only appears in the log.
 */
public final class PluginPasswordVerifier implements PasswordVerifier, AutoCloseable {

  /** The program that checks passwords. */
  public record Settings(PluginSettings program) implements Source<PluginPasswordVerifier> {
    @Override
    public PluginPasswordVerifier open(Leases parts) throws SourceException {
      try {
        return start(program);
      } catch (PluginFailure e) {
        throw new SourceException(e);
      }
    }
  }

  private final PluginSupervisor plugin;

  private PluginPasswordVerifier(PluginSupervisor plugin) {
    this.plugin = plugin;
  }

  /**
   * Starts the program and waits until it answers.
   *
   * @throws PluginFailure when it does not answer, with advice; the program is ended then
   */
  public static PluginPasswordVerifier start(PluginSettings settings) throws PluginFailure {
    return new PluginPasswordVerifier(PluginSupervisor.start(PluginKind.PASSWORD, settings));
  }

  @Override
  public Outcome verify(String user, Secret password, Peer peer) throws SaslFailure {
    // A plugin's backend may take "alice " for alice, and a principal must have one name.
    if (!user.equals(user.strip()) || ControlCharacters.in(user)) {
      throw new SaslFailure(
          Reason.BAD_CREDENTIALS,
          "user " + ClientText.shown(user) + " has a name with control characters or outer spaces");
    }
    ProtobufMessage answer;
    try {
      answer = plugin.call(new ProtobufMessage.Writer().text(1, user).text(2, password.reveal()));
    } catch (PluginFailure e) {
      throw refusal(e);
    }
    if (!answer.bool(1)) {
      throw new SaslFailure(
          Reason.BAD_CREDENTIALS,
          "user "
              + ClientText.shown(user)
              + " is unknown or its password is wrong (the plugin's status: "
              + answer.number(2)
              + ")");
    }
    return new Outcome(new Principal(user, PlainMechanism.NAME), null);
  }

  /** Translates the status of a call: plugins may refuse a password with it. */
  static SaslFailure refusal(PluginFailure failure) {
    Reason reason =
        switch (failure.status()) {
          case UNAUTHENTICATED, PERMISSION_DENIED, NOT_FOUND, INVALID_ARGUMENT ->
              Reason.BAD_CREDENTIALS;
          default -> Reason.UNAVAILABLE;
        };
    if (reason == Reason.UNAVAILABLE) {
      AuthMetrics.failed(
          AuthMetrics.Verifier.PLUGIN,
          switch (failure.status()) {
            case DEADLINE_EXCEEDED -> AuthMetrics.Cause.TIMEOUT;
            case UNAVAILABLE -> AuthMetrics.Cause.CONNECT;
            case RESOURCE_EXHAUSTED -> AuthMetrics.Cause.BUSY;
            default -> AuthMetrics.Cause.ANSWER;
          });
    }
    return new SaslFailure(reason, String.valueOf(failure.getMessage()), failure);
  }

  @Override
  public void close() {
    plugin.close();
  }

  /** The program's process id; -1 while it does not run. */
  long pid() {
    return plugin.pid();
  }
}
