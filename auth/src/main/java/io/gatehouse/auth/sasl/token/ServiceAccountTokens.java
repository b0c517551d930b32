package io.gatehouse.auth.sasl.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange.Outcome;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.password.PasswordVerifier;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Local service accounts: the password is a token that the gateway signed with HS256
 * (docs/conduktor.md, {@code GATEWAY_USER_POOL_SECRET_KEY}). The gateway does not store the tokens
 * it made.
 */
public final class ServiceAccountTokens implements PasswordVerifier {

  /** The claim with the name of the virtual cluster, which becomes the principal's tenant. */
  private static final String VCLUSTER = "vcluster";

  private static final String USERNAME = "username";
  private static final int MIN_KEY = 32;

  /** Decides whether an account exists; tokens of a deleted account are refused. */
  @FunctionalInterface
  public interface Accounts {

    /**
     * @param vcluster null if the token names none
     */
    boolean exists(@Nullable String vcluster, String user);
  }

  private final MACSigner signer;
  private final MACVerifier verifier;
  private final Accounts accounts;
  private final InstantSource clock;

  /** Settings that accept the tokens of all accounts. */
  public record Settings(Secret key) implements Source<PasswordVerifier> {
    @Override
    public PasswordVerifier open(Leases parts) {
      return new ServiceAccountTokens(key);
    }

    @Override
    public void check() {
      new ServiceAccountTokens(key);
    }
  }

  /** Accepts the tokens of all accounts. */
  public ServiceAccountTokens(Secret key) {
    this(key, (vcluster, user) -> true, InstantSource.system());
  }

  /**
   * @param key at least 256 bits in base64
   * @throws IllegalArgumentException for any other key
   */
  public ServiceAccountTokens(Secret key, Accounts accounts, InstantSource clock) {
    byte[] bytes = decode(key);
    try {
      this.signer = new MACSigner(bytes);
      this.verifier = new MACVerifier(bytes);
    } catch (JOSEException e) {
      throw new IllegalArgumentException("The key of service account tokens cannot be used", e);
    }
    this.accounts = accounts;
    this.clock = clock;
  }

  private static byte[] decode(Secret key) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(key.reveal().strip());
    } catch (IllegalArgumentException e) {
      // Without the cause, whose message quotes a character of the key.
      throw new IllegalArgumentException(
          "The key of service account tokens (GATEWAY_USER_POOL_SECRET_KEY) is not base64;"
              + " make one with: openssl rand -base64 32");
    }
    if (bytes.length < MIN_KEY) {
      throw new IllegalArgumentException(
          "The key of service account tokens (GATEWAY_USER_POOL_SECRET_KEY) has "
              + bytes.length * 8
              + " bits, and HS256 needs 256; make one with: openssl rand -base64 32");
    }
    return bytes;
  }

  /**
   * Makes a token with exactly the claims {@code username}, {@code vcluster} and {@code exp}, as
   * Conduktor's are.
   *
   * @param vcluster null to leave it out
   * @throws IllegalArgumentException when the name is empty or the lifetime is not positive
   */
  public Secret mint(String user, @Nullable String vcluster, Duration lifetime) {
    if (user.isEmpty()) {
      throw new IllegalArgumentException("A token needs a user name");
    }
    if (lifetime.toSeconds() < 1) {
      throw new IllegalArgumentException("A token's lifetime is at least one second");
    }
    Instant expires = clock.instant().plus(lifetime);
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder().claim(USERNAME, user).expirationTime(Date.from(expires));
    if (vcluster != null) {
      claims.claim(VCLUSTER, vcluster);
    }
    SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims.build());
    try {
      jwt.sign(signer);
    } catch (JOSEException e) {
      throw new IllegalStateException("A token cannot be signed", e);
    }
    return new Secret(jwt.serialize());
  }

  @Override
  public Outcome verify(String user, Secret password, Peer peer) throws SaslFailure {
    try {
      return check(user, password);
    } catch (SaslFailure e) {
      throw new SaslFailure(
          e.reason(), "user " + ClientText.shown(user) + " shows " + e.getMessage(), e);
    }
  }

  private Outcome check(String user, Secret password) throws SaslFailure {
    SignedJWT jwt = Jwt.signed(password.reveal());
    if (!jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.HS256)) {
      throw Jwt.noToken("it is not signed with HS256", null);
    }
    try {
      if (!jwt.verify(verifier)) {
        throw Jwt.badSignature();
      }
    } catch (JOSEException e) {
      throw Jwt.noToken("its signature cannot be checked", e);
    }
    JWTClaimsSet claims = Jwt.claims(jwt);
    Instant expires = Jwt.checkTimes(claims, clock.instant(), Duration.ZERO);
    if (!user.equals(Jwt.text(claims, USERNAME))) {
      throw Jwt.refused("it was made for another user name");
    }
    String vcluster = Jwt.text(claims, VCLUSTER);
    if (vcluster == null && claims.getClaim(VCLUSTER) != null) {
      throw Jwt.refused("its claim '" + VCLUSTER + "' is no name");
    }
    if (!accounts.exists(vcluster, user)) {
      throw new SaslFailure(
          SaslFailure.Reason.BAD_CREDENTIALS, "a token of a service account that does not exist");
    }
    return new Outcome(
        new Principal(new User(vcluster, user), PlainMechanism.NAME, Map.of()), expires);
  }
}
