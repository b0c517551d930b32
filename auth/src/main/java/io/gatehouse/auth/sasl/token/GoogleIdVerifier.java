package io.gatehouse.auth.sasl.token;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.SaslFailure;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies Google's ID tokens (kafka-proxy's {@code google-id-info}, docs/kafka-proxy.md). The
 * principal is the account's mail address.
 */
public final class GoogleIdVerifier implements TokenVerifier {

  private static final Logger log = LoggerFactory.getLogger(GoogleIdVerifier.class);

  private static final Set<String> ISSUERS =
      Set.of("accounts.google.com", "https://accounts.google.com");

  private final JwksKeys keys;
  private final TokenRules rules;
  private final List<Pattern> emails;
  private final InstantSource clock;

  public GoogleIdVerifier(GoogleIdSettings settings) {
    this(settings, InstantSource.system());
    if (settings.audiences().isEmpty()) {
      log.warn(
          "No audience is expected of Google's tokens: one made for any other service lets its"
              + " holder in (google.audiences, --audience)");
    }
  }

  GoogleIdVerifier(GoogleIdSettings settings, InstantSource clock) {
    this.keys =
        new JwksKeys(
            new JwksSettings(
                settings.keys(),
                settings.refresh(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                settings.timeout(),
                null));
    this.rules =
        new TokenRules(
            null,
            settings.audiences(),
            Set.of("RS256"),
            new TokenRules.Claims("email", "scope", null),
            Duration.ofSeconds(60));
    this.emails = settings.patterns();
    this.clock = clock;
  }

  @Override
  public VerifiedToken verify(String token) throws SaslFailure {
    SignedJWT jwt = Signatures.verified(token, keys, rules.algorithms());
    JWTClaimsSet claims = Jwt.claims(jwt);
    String issuer = claims.getIssuer();
    if (issuer == null || !ISSUERS.contains(issuer)) {
      throw Jwt.refused("its issuer is not Google");
    }
    if (claims.getIssueTime() == null) {
      throw Jwt.refused("it says not when it was issued (iat)");
    }
    VerifiedToken verified = rules.admit(claims, clock.instant());
    if (!Boolean.TRUE.equals(claims.getClaim("email_verified"))) {
      throw Jwt.refused(
          "it does not say that Google has verified its mail address (email_verified)");
    }
    if (emails.stream().noneMatch(email -> email.matcher(verified.user().name()).find())) {
      throw Jwt.refused(
          "its mail address "
              + ClientText.shown(verified.user().name())
              + " is none of --email-regex");
    }
    return verified;
  }

  @Override
  public void close() {
    keys.close();
  }
}
