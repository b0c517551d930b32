package io.gatehouse.app.config;

import static java.util.Objects.requireNonNull;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.token.TokenProvider;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.password.PasswordVerifier;
import io.gatehouse.auth.sasl.token.TokenVerifier;
import io.gatehouse.auth.sasl.token.VerifiedToken;
import io.gatehouse.authplugins.PluginFailure;
import io.gatehouse.authplugins.PluginPasswords;
import io.gatehouse.authplugins.PluginSettings;
import io.gatehouse.authplugins.PluginTokenProvider;
import io.gatehouse.authplugins.PluginTokens;
import org.jspecify.annotations.Nullable;

/**
 * A plugin whose program is started with the gateway, and not when its configuration is looked at.
 * Nobody asks it anything before: the gateway serves only when all steps of its start are done.
 */
abstract sealed class PluginPart<T extends AutoCloseable> implements StartStep {

  private final PluginSettings settings;
  private volatile @Nullable T running;

  private PluginPart(PluginSettings settings) {
    this.settings = settings;
  }

  abstract T start(PluginSettings with) throws PluginFailure;

  @Override
  public void start() throws Failure {
    try {
      running = start(settings);
    } catch (PluginFailure e) {
      throw new Failure(String.valueOf(e.getMessage()), e);
    }
  }

  T running() {
    return requireNonNull(running, "the plugin was asked before the gateway's start");
  }

  @Override
  public void close() {
    T started = running;
    if (started != null) {
      try {
        started.close();
      } catch (Exception e) {
        throw new IllegalStateException("a plugin does not end", e);
      }
    }
  }

  /** Decides about passwords. */
  static final class Passwords extends PluginPart<PluginPasswords> implements PasswordVerifier {
    Passwords(PluginSettings settings) {
      super(settings);
    }

    @Override
    PluginPasswords start(PluginSettings with) throws PluginFailure {
      return PluginPasswords.start(with);
    }

    @Override
    public Principal verify(String user, Secret password, Peer peer) throws SaslFailure {
      return running().verify(user, password, peer);
    }
  }

  /** Decides about tokens. */
  static final class Tokens extends PluginPart<PluginTokens> implements TokenVerifier {
    Tokens(PluginSettings settings) {
      super(settings);
    }

    @Override
    PluginTokens start(PluginSettings with) throws PluginFailure {
      return PluginTokens.start(with);
    }

    @Override
    public VerifiedToken verify(String token) throws SaslFailure {
      return running().verify(token);
    }
  }

  /** Gives tokens. */
  static final class Provider extends PluginPart<PluginTokenProvider> implements TokenProvider {
    Provider(PluginSettings settings) {
      super(settings);
    }

    @Override
    PluginTokenProvider start(PluginSettings with) throws PluginFailure {
      return PluginTokenProvider.start(with);
    }

    @Override
    public String token() throws LoginFailure {
      return running().token();
    }
  }
}
