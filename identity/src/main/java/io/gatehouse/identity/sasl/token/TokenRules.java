package io.gatehouse.identity.sasl.token;

import com.nimbusds.jwt.JWTClaimsSet;
import io.gatehouse.identity.sasl.ClientText;
import io.gatehouse.identity.sasl.SaslFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens of an issuer are for us, and what they call things (contracts/conduktor-config.md
 * §4, {@code GATEWAY_OAUTH_*}).
 *
 * @param issuer what {@code iss} must be, to the letter; null when any will do
 * @param audiences one of which {@code aud} must hold; empty when any will do
 * @param algorithms signatures that count, of {@link #ALGORITHMS}
 * @param subjectClaim where the principal's name stands
 * @param scopeClaim where the scopes stand, as a text with spaces or a list
 * @param skew how far clocks may differ
 */
public record TokenRules(
    @Nullable String issuer,
    Set<String> audiences,
    Set<String> algorithms,
    String subjectClaim,
    String scopeClaim,
    Duration skew) {

  /** All with a public key: a shared key, or none, lets the holder of a public text sign. */
  public static final Set<String> ALGORITHMS =
      Set.of(
          "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA");

  private static final Duration MAX_SKEW = Duration.ofMinutes(5);
  private static final int MAX_NAME = 1024;

  /**
   * @throws IllegalArgumentException when an algorithm is unknown or has no public key, a claim's
   *     name is empty, or the clocks may differ by more than five minutes
   */
  public TokenRules {
    audiences = Set.copyOf(audiences);
    algorithms = Set.copyOf(algorithms);
    if (algorithms.isEmpty() || !ALGORITHMS.containsAll(algorithms)) {
      throw new IllegalArgumentException(
          "Signatures of tokens are some of "
              + new TreeSet<>(ALGORITHMS)
              + ", and not "
              + new TreeSet<>(algorithms));
    }
    if (subjectClaim.isEmpty() || scopeClaim.isEmpty()) {
      throw new IllegalArgumentException("The name of a claim is empty");
    }
    if (issuer != null && issuer.isEmpty()) {
      throw new IllegalArgumentException("The expected issuer is empty");
    }
    if (skew.isNegative() || skew.compareTo(MAX_SKEW) > 0) {
      throw new IllegalArgumentException(
          "The clocks' allowed difference of " + skew + " is not between 0 and " + MAX_SKEW);
    }
  }

  /** With all algorithms, the claims {@code sub} and {@code scope}, and 30 s between clocks. */
  public static TokenRules of(@Nullable String issuer, Collection<String> audiences) {
    return new TokenRules(
        issuer, Set.copyOf(audiences), ALGORITHMS, "sub", "scope", Duration.ofSeconds(30));
  }

  /** The same with other names of claims. */
  public TokenRules withClaims(String subject, String scope) {
    return new TokenRules(issuer, audiences, algorithms, subject, scope, skew);
  }

  /** A list as settings write it: {@code a,b}, with or without brackets around it. */
  public static Set<String> list(String text) {
    String bare = text.strip();
    if (bare.startsWith("[") && bare.endsWith("]")) {
      bare = bare.substring(1, bare.length() - 1);
    }
    Set<String> all = new LinkedHashSet<>();
    Arrays.stream(bare.split(",")).map(String::strip).filter(s -> !s.isEmpty()).forEach(all::add);
    return all;
  }

  /**
   * What the claims say, if they are for us and valid now.
   *
   * @throws SaslFailure when they are not
   */
  VerifiedToken admit(JWTClaimsSet claims, Instant now) throws SaslFailure {
    if (issuer != null && !issuer.equals(claims.getIssuer())) {
      throw Jwt.refused("its issuer is " + shown(claims.getIssuer()));
    }
    if (!audiences.isEmpty() && claims.getAudience().stream().noneMatch(audiences::contains)) {
      throw Jwt.refused(
          "its audience is "
              + claims.getAudience().stream().limit(5).map(TokenRules::shown).toList());
    }
    Instant expires = Jwt.checkTimes(claims, now, skew);
    String subject = Jwt.text(claims, subjectClaim);
    if (subject == null || subject.length() > MAX_NAME) {
      throw Jwt.refused("it has no name in its claim '" + subjectClaim + "'");
    }
    return new VerifiedToken(subject, scopes(claims), expires.plus(skew), Jwt.texts(claims));
  }

  private Set<String> scopes(JWTClaimsSet claims) {
    return switch (claims.getClaim(scopeClaim)) {
      case String text when !text.isBlank() ->
          new LinkedHashSet<>(List.of(text.strip().split(" +")));
      case Collection<?> list -> {
        Set<String> scopes = new LinkedHashSet<>();
        list.forEach(scope -> scopes.add(String.valueOf(scope)));
        yield scopes;
      }
      case null, default -> Set.of();
    };
  }

  private static String shown(@Nullable String claim) {
    return claim == null ? "missing" : ClientText.shown(claim);
  }
}
