package io.gatehouse.auth.sasl.token;

import com.nimbusds.jwt.JWTClaimsSet;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.SaslFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens of an issuer are accepted, and the names of their claims (docs/conduktor.md, {@code
 * GATEWAY_OAUTH_*}).
 *
 * @param issuer the exact value of {@code iss}; null to accept any
 * @param audiences one of which {@code aud} must contain; empty to accept any
 * @param algorithms accepted signature algorithms, of {@link #ALGORITHMS}
 * @param claims the names of claims
 * @param skew how far clocks may differ
 */
public record TokenRules(
    @Nullable String issuer,
    Set<String> audiences,
    Set<String> algorithms,
    Claims claims,
    Duration skew) {

  /**
   * The names of claims.
   *
   * @param subject holds the principal's name
   * @param scope holds the scopes, as a list or a string with spaces
   * @param tenant holds the principal's tenant and is required; null if tokens name no tenant
   * @param groups holds the names of the principal's groups, as a list or one string; null if
   *     tokens name no groups
   */
  public record Claims(
      String subject, String scope, @Nullable String tenant, @Nullable String groups) {

    public static final Claims DEFAULT = new Claims("sub", "scope", null);

    /** Without groups. */
    public Claims(String subject, String scope, @Nullable String tenant) {
      this(subject, scope, tenant, null);
    }

    public Claims {
      if (subject.isEmpty() || scope.isEmpty() || "".equals(tenant) || "".equals(groups)) {
        throw new IllegalArgumentException("The name of a claim is empty");
      }
    }
  }

  /**
   * Algorithms with a public key only. With a shared key, or without a signature, anyone who knows
   * the published keys could sign.
   */
  public static final Set<String> ALGORITHMS =
      Set.of(
          "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA");

  private static final Duration MAX_SKEW = Duration.ofMinutes(5);
  private static final int MAX_NAME = 1024;
  private static final int MAX_GROUPS = 1000;

  /** The claim that names claims which are elsewhere (OpenID Connect Core, 5.6.2). */
  private static final String ELSEWHERE = "_claim_names";

  /**
   * @throws IllegalArgumentException when an algorithm is unknown or has no public key, or the skew
   *     exceeds five minutes
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
    if (issuer != null && issuer.isEmpty()) {
      throw new IllegalArgumentException("The expected issuer is empty");
    }
    if (skew.isNegative() || skew.compareTo(MAX_SKEW) > 0) {
      throw new IllegalArgumentException(
          "The clocks' allowed difference of " + skew + " is not between 0 and " + MAX_SKEW);
    }
  }

  /**
   * Rules with all algorithms, the claims {@code sub} and {@code scope}, no tenants, and 30 s of
   * skew.
   */
  public static TokenRules of(@Nullable String issuer, Collection<String> audiences) {
    return new TokenRules(
        issuer, Set.copyOf(audiences), ALGORITHMS, Claims.DEFAULT, Duration.ofSeconds(30));
  }

  /** Copies the rules with other names of claims. */
  public TokenRules with(Claims others) {
    return new TokenRules(issuer, audiences, algorithms, others, skew);
  }

  /** Parses a list such as {@code a,b}, with or without brackets around it. */
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
   * Checks the claims and returns what they say.
   *
   * @throws SaslFailure when the token is for another audience, expired or incomplete
   */
  VerifiedToken admit(JWTClaimsSet token, Instant now) throws SaslFailure {
    if (issuer != null && !issuer.equals(token.getIssuer())) {
      throw Jwt.refused("its issuer is " + shown(token.getIssuer()));
    }
    if (!audiences.isEmpty() && token.getAudience().stream().noneMatch(audiences::contains)) {
      throw Jwt.refused(
          "its audience is "
              + token.getAudience().stream().limit(5).map(TokenRules::shown).toList());
    }
    Instant expires = Jwt.checkTimes(token, now, skew);
    String subject = name(token, claims.subject());
    User user = new User(claims.tenant() == null ? null : name(token, claims.tenant()), subject);
    return new VerifiedToken(
        user, scopes(token), groups(token), expires.plus(skew), Jwt.texts(token));
  }

  private static String name(JWTClaimsSet token, String claim) throws SaslFailure {
    String name = Jwt.text(token, claim);
    if (name == null || name.length() > MAX_NAME) {
      throw Jwt.refused("it has no name in its claim '" + claim + "'");
    }
    return name;
  }

  private Set<String> scopes(JWTClaimsSet token) {
    return switch (token.getClaim(claims.scope())) {
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

  /** A group that is left out could be one that a rule denies something, so none is. */
  private Set<String> groups(JWTClaimsSet token) throws SaslFailure {
    String claim = claims.groups();
    if (claim == null) {
      return Set.of();
    }
    if (token.getClaim(ELSEWHERE) instanceof Map<?, ?> elsewhere && elsewhere.containsKey(claim)) {
      throw Jwt.refused("its groups are not in it, because they are too many");
    }
    Collection<?> names =
        switch (token.getClaim(claim)) {
          case null -> List.of();
          case Collection<?> list -> list;
          case Object one -> List.of(one);
        };
    Set<String> groups = new LinkedHashSet<>();
    for (Object name : names) {
      if (!(name instanceof String text) || text.length() > MAX_NAME) {
        throw Jwt.refused(
            "its claim '%s' has something else than names of up to %d characters"
                .formatted(claim, MAX_NAME));
      }
      groups.add(text);
    }
    if (groups.size() > MAX_GROUPS) {
      throw Jwt.refused(
          "its claim '%s' has %d groups, more than %d".formatted(claim, groups.size(), MAX_GROUPS));
    }
    return groups;
  }

  private static String shown(@Nullable String claim) {
    return claim == null ? "missing" : ClientText.shown(claim);
  }
}
