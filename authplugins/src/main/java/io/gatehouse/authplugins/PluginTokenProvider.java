package io.gatehouse.authplugins;

import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.token.TokenProvider;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;

/**
 * Has a plugin hand out tokens: {@code proto.TokenProvider/GetToken}, answered by success = 1,
 * status = 2 and token = 3 (docs/kafka-proxy.md).
 */
public final class PluginTokenProvider implements TokenProvider {

  /** The program that hands out tokens. */
  public record Settings(PluginSettings program) implements Source<PluginTokenProvider> {
    @Override
    public PluginTokenProvider open(Leases parts) throws SourceException {
      try {
        return start(program);
      } catch (PluginFailure e) {
        throw new SourceException(e);
      }
    }
  }

  private final PluginSupervisor plugin;

  private PluginTokenProvider(PluginSupervisor plugin) {
    this.plugin = plugin;
  }

  /**
   * Starts the program and waits until it answers.
   *
   * @throws PluginFailure when it does not answer, with advice; the program is ended then
   */
  public static PluginTokenProvider start(PluginSettings settings) throws PluginFailure {
    return new PluginTokenProvider(PluginSupervisor.start(PluginKind.TOKEN_PROVIDER, settings));
  }

  @Override
  public String token() throws LoginFailure {
    try {
      ProtobufMessage answer = plugin.call(new ProtobufMessage.Writer());
      String token = answer.text(3);
      if (!answer.bool(1) || token.isEmpty()) {
        throw new LoginFailure(
            "The plugin that provides tokens has none (its status: " + answer.number(2) + ")");
      }
      return token;
    } catch (PluginFailure e) {
      throw new LoginFailure(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    plugin.close();
  }
}
