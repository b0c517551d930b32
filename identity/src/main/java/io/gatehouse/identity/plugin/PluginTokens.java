package io.gatehouse.identity.plugin;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import io.gatehouse.identity.User;
import io.gatehouse.identity.sasl.SaslFailure;
import io.gatehouse.identity.sasl.SaslFailure.Reason;
import io.gatehouse.identity.sasl.token.Jwt;
import io.gatehouse.identity.sasl.token.TokenVerifier;
import io.gatehouse.identity.sasl.token.VerifiedToken;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has a plugin check tokens: {@code proto.TokenInfo/VerifyToken} with token = 1, answered by
 * success = 1 and status = 2 (contracts/kafka-proxy.md §10). The plugin says yes or no and not
 * whose the token is: of a JWT that it takes, {@code sub} is believed.
 */
public final class PluginTokens implements TokenVerifier {

  /** The principal of a token that does not say whose it is. */
  public static final String OPAQUE = "opaque-token";

  /** After which a token that does not say its end is to be shown again. */
  private static final Duration OPAQUE_LIFE = Duration.ofHours(1);

  private static final Duration SKEW = Duration.ofSeconds(60);

  /** In characters, as for tokens that are checked here. */
  private static final int MAX_JWT = 16 * 1024;

  private final PluginProcess process;
  private final InstantSource clock = InstantSource.system();

  private PluginTokens(PluginProcess process) {
    this.process = process;
  }

  /**
   * Starts the program and waits until it answers.
   *
   * @throws PluginFailure when it does not, with what to do; it does not run then
   */
  public static PluginTokens start(PluginSettings settings) throws PluginFailure {
    return new PluginTokens(PluginProcess.start(PluginKind.TOKEN_INFO, settings));
  }

  @Override
  public VerifiedToken verify(String token) throws SaslFailure {
    Message answer;
    try {
      answer = process.call(new Message.Writer().text(1, token));
    } catch (PluginFailure e) {
      throw PluginPasswords.refusal(e);
    }
    if (!answer.truth(1)) {
      throw new SaslFailure(
          Reason.BAD_CREDENTIALS,
          "a token that the plugin refuses (its status: " + answer.number(2) + ")");
    }
    return taken(token, clock.instant());
  }

  /** What a token says that the plugin takes. */
  static VerifiedToken taken(String token, Instant now) {
    JWTClaimsSet claims = claims(token);
    String subject = claims == null ? null : claims.getSubject();
    Date end = claims == null ? null : claims.getExpirationTime();
    Instant expires = end == null ? now.plus(OPAQUE_LIFE) : end.toInstant().plus(SKEW);
    // When its end is over the plugin takes it all the same, and a session is not of no length.
    Instant least = now.plus(SKEW);
    return new VerifiedToken(
        User.named(subject == null || subject.isEmpty() ? OPAQUE : subject),
        Set.of(),
        expires.isBefore(least) ? least : expires,
        claims == null ? Map.of() : Jwt.texts(claims));
  }

  private static @Nullable JWTClaimsSet claims(String token) {
    if (token.length() > MAX_JWT) {
      return null;
    }
    try {
      return JWTParser.parse(token).getJWTClaimsSet();
    } catch (ParseException | IllegalArgumentException | IllegalStateException e) {
      return null;
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
