package io.gatehouse.auth.login.token;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;

/** Unsigned tokens for development: the built-in {@code unsecured-jwt-provider}. */
public final class UnsecuredJwtProvider implements TokenProvider {

  static final String NAME = "unsecured-jwt-provider";
  private static final Duration LIFE = Duration.ofHours(1);

  private final String subject;
  private final InstantSource clock;

  /**
   * @param parameters {@code --claim-sub}
   * @throws IllegalArgumentException when it is missing or another one is given
   */
  public UnsecuredJwtProvider(List<String> parameters) {
    this(parameters, InstantSource.system());
  }

  UnsecuredJwtProvider(List<String> parameters, InstantSource clock) {
    this.subject =
        new Parameters(NAME, parameters, Set.of("claim-sub"), Set.of()).needed("claim-sub");
    this.clock = clock;
  }

  @Override
  public String token() {
    Instant now = clock.instant();
    return new PlainJWT(
            new JWTClaimsSet.Builder()
                .subject(subject)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(LIFE)))
                .build())
        .serialize();
  }
}
