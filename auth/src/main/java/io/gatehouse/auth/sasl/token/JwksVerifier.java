package io.gatehouse.auth.sasl.token;

import com.nimbusds.jwt.SignedJWT;
import io.gatehouse.auth.RedactedUrl;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.SaslFailure;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Verifies tokens of an OpenID or OAuth 2 issuer that publishes its keys (docs/conduktor.md). */
public final class JwksVerifier implements TokenVerifier {

  private static final Logger log = LoggerFactory.getLogger(JwksVerifier.class);

  private final JwksKeys keys;
  private final TokenRules rules;
  private final InstantSource clock;

  /** The issuer's keys, and which tokens are accepted. */
  public record Settings(JwksSettings keys, TokenRules rules) implements Source<TokenVerifier> {
    @Override
    public TokenVerifier open(Leases parts) {
      return new JwksVerifier(keys, rules);
    }
  }

  public JwksVerifier(JwksSettings settings, TokenRules rules) {
    this(new JwksKeys(settings), rules, InstantSource.system());
    warn(settings.location(), rules);
  }

  JwksVerifier(JwksKeys keys, TokenRules rules, InstantSource clock) {
    this.keys = keys;
    this.rules = rules;
    this.clock = clock;
  }

  /**
   * What is wrong with a file of keys; empty if nothing is, and for keys from the network, which is
   * not used here.
   */
  public static Optional<String> problemOf(JwksSettings settings) {
    return settings.isFile() ? JwksKeys.problemOf(settings) : Optional.empty();
  }

  private static void warn(URI location, TokenRules rules) {
    if ("http".equals(location.getScheme())) {
      log.warn(
          "Keys of tokens come from {} without TLS: an attacker who changes them in transit can log"
              + " in as any user",
          RedactedUrl.of(location));
    }
    if (rules.audiences().isEmpty()) {
      log.warn(
          "No audience is expected of tokens: one made for any other service lets its holder in");
    }
  }

  @Override
  public VerifiedToken verify(String token) throws SaslFailure {
    SignedJWT jwt = Signatures.verified(token, keys, rules.algorithms());
    return rules.admit(Jwt.claims(jwt), clock.instant());
  }

  @Override
  public void close() {
    keys.close();
  }
}
