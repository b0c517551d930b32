package io.gatehouse.authplugins;

import io.gatehouse.auth.User;
import io.gatehouse.auth.login.token.TokenLogin;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.auth.sasl.token.TokenVerifier;
import io.gatehouse.auth.sasl.token.VerifiedToken;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;

/**
 * Has a plugin check tokens: {@code proto.TokenInfo/VerifyToken} with token = 1, answered by
 * success = 1 and status = 2, as kafka-proxy's plugins do. A plugin may also name the principal of
 * the token: principal = 3, tenant = 4 and expires = 5, in seconds since 1970. The principal is
 * never read from the token itself, because a second parser may see another one than the plugin has
 * checked.
 */
public final class PluginTokenVerifier implements TokenVerifier {

  /** The principal when the plugin names none. */
  public static final String OPAQUE = "opaque-token";

  /** The session's length when neither the plugin nor the token says when the token expires. */
  private static final Duration LIFE = Duration.ofHours(1);

  /** The year 9999. */
  private static final long FOREVER = 253_402_300_799L;

  private static final Duration SKEW = Duration.ofSeconds(60);

  /** The program that checks tokens. */
  public record Settings(PluginSettings program) implements Source<PluginTokenVerifier> {
    @Override
    public PluginTokenVerifier open(Leases parts) throws SourceException {
      try {
        return start(program);
      } catch (PluginFailure e) {
        throw new SourceException(e);
      }
    }
  }

  private final PluginSupervisor plugin;
  private final InstantSource clock = InstantSource.system();

  private PluginTokenVerifier(PluginSupervisor plugin) {
    this.plugin = plugin;
  }

  /**
   * Starts the program and waits until it answers.
   *
   * @throws PluginFailure when it does not answer, with advice; the program is ended then
   */
  public static PluginTokenVerifier start(PluginSettings settings) throws PluginFailure {
    return new PluginTokenVerifier(PluginSupervisor.start(PluginKind.TOKEN_INFO, settings));
  }

  @Override
  public VerifiedToken verify(String token) throws SaslFailure {
    ProtobufMessage answer;
    try {
      answer = plugin.call(new ProtobufMessage.Writer().text(1, token));
    } catch (PluginFailure e) {
      throw PluginPasswordVerifier.refusal(e);
    }
    if (!answer.bool(1)) {
      throw new SaslFailure(
          Reason.BAD_CREDENTIALS,
          "a token that the plugin refuses (its status: " + answer.number(2) + ")");
    }
    return taken(answer, token, clock.instant());
  }

  /** Translates the answer to an accepted token. */
  static VerifiedToken taken(ProtobufMessage answer, String token, Instant now) throws SaslFailure {
    try {
      String name = answer.text(3);
      String tenant = answer.text(4);
      User user = new User(tenant.isEmpty() ? null : tenant, name.isEmpty() ? OPAQUE : name);
      return new VerifiedToken(user, Set.of(), end(answer.longNumber(5), token, now), Map.of());
    } catch (PluginFailure e) {
      throw PluginPasswordVerifier.refusal(e);
    }
  }

  /**
   * When the session ends.
   *
   * @param said by the plugin, in seconds since 1970; 0 for nothing. Only then the token's own
   *     expiry counts, which can shorten the session but not extend it
   */
  private static Instant end(long said, String token, Instant now) {
    Instant most = said > 0 ? Instant.ofEpochSecond(Math.min(said, FOREVER)) : now.plus(LIFE);
    Instant own = said > 0 ? null : TokenLogin.expiry(token);
    Instant end = own == null || own.plus(SKEW).isAfter(most) ? most : own.plus(SKEW);
    // The plugin accepted the token even if it has expired, and a session must not have length 0.
    Instant least = now.plus(SKEW);
    return end.isBefore(least) ? least : end;
  }

  @Override
  public void close() {
    plugin.close();
  }
}
