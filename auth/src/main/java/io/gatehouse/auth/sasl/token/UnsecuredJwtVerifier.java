package io.gatehouse.auth.sasl.token;

import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import io.gatehouse.auth.User;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.SaslFailure;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts unsigned tokens (kafka-proxy's {@code unsecured-jwt-info}, docs/kafka-proxy.md), for
 * tests or behind another access control. A signature is ignored.
 */
public final class UnsecuredJwtVerifier implements TokenVerifier {

  private static final Logger log = LoggerFactory.getLogger(UnsecuredJwtVerifier.class);

  private static final Duration SKEW = Duration.ofSeconds(60);

  /** The accepted subjects and algorithms; an empty set accepts any. */
  public record Settings(Set<String> claimedSubjects, Set<String> algorithms)
      implements Source<TokenVerifier> {
    public Settings {
      claimedSubjects = Set.copyOf(claimedSubjects);
      algorithms = Set.copyOf(algorithms);
    }

    @Override
    public TokenVerifier open(Leases parts) {
      return new UnsecuredJwtVerifier(claimedSubjects, algorithms);
    }
  }

  private final Set<String> subjects;
  private final Set<String> algorithms;
  private final InstantSource clock;

  /**
   * @param subjects {@code --claim-sub}: the accepted subjects; empty to accept any
   * @param algorithms {@code --algorithm}: accepted values of {@code alg}; empty to accept any
   */
  public UnsecuredJwtVerifier(Set<String> subjects, Set<String> algorithms) {
    this(subjects, algorithms, InstantSource.system());
    log.warn(
        "Tokens without a signature are accepted: any client that reaches this listener can log in"
            + " as {}",
        subjects.isEmpty() ? "any user" : "any of " + subjects);
  }

  UnsecuredJwtVerifier(Set<String> subjects, Set<String> algorithms, InstantSource clock) {
    this.subjects = Set.copyOf(subjects);
    this.algorithms = Set.copyOf(algorithms);
    this.clock = clock;
  }

  @Override
  public VerifiedToken verify(String token) throws SaslFailure {
    Jwt.checkLength(token);
    String[] parts = token.split("\\.", -1);
    if (parts.length < 2) {
      throw Jwt.noToken("it is no JWT", null);
    }
    JWTClaimsSet claims;
    Object algorithm;
    try {
      algorithm = JSONObjectUtils.parse(new Base64URL(parts[0]).decodeToString()).get("alg");
      claims = JWTClaimsSet.parse(JSONObjectUtils.parse(new Base64URL(parts[1]).decodeToString()));
    } catch (ParseException | IllegalArgumentException e) {
      throw Jwt.noToken("it is no JWT", e);
    }
    if (!algorithms.isEmpty() && !(algorithm instanceof String a && algorithms.contains(a))) {
      throw Jwt.refused("its algorithm is none of --algorithm");
    }
    String subject = claims.getSubject();
    if (subject == null || subject.isEmpty()) {
      throw Jwt.refused("it has no user name (sub)");
    }
    if (!subjects.isEmpty() && !subjects.contains(subject)) {
      throw Jwt.refused("its subject " + ClientText.shown(subject) + " is none of --claim-sub");
    }
    if (claims.getIssueTime() == null) {
      throw Jwt.refused("it says not when it was issued (iat)");
    }
    Instant expires = Jwt.checkTimes(claims, clock.instant(), SKEW);
    return new VerifiedToken(User.named(subject), Set.of(), expires.plus(SKEW), Jwt.texts(claims));
  }
}
