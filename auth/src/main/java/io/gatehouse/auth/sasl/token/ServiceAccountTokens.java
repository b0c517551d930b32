package io.gatehouse.auth.sasl.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange.Outcome;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.password.PasswordVerifier;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Local service accounts: the password is a token that the gateway signed with HS256
 * (docs/accounts.md). The gateway does not store the tokens it made, only those it revoked.
 */
public final class ServiceAccountTokens implements PasswordVerifier {

  /** The claim with the name of the virtual cluster, which becomes the principal's tenant. */
  private static final String VCLUSTER = "vcluster";

  private static final String USERNAME = "username";
  private static final int MIN_KEY = 32;
  private static final int KEY_ID_BYTES = 8;
  private static final int MAX_KEYS = 8;

  /** Decides which accounts exist, and which tokens are revoked. Does not block. */
  @FunctionalInterface
  public interface Accounts {

    /**
     * Whether the account may log in. Tokens of other accounts are refused.
     *
     * @param vcluster null if the token names none
     */
    boolean exists(@Nullable String vcluster, String user);

    /**
     * @return why the token is refused, for instance "a token that was revoked", or null
     */
    default @Nullable String revoked(Facts token) {
      return null;
    }

    /** Increases with each change that the other methods may depend on. */
    default long revision() {
      return 0;
    }

    /** Accepts the tokens of all accounts; none is ever revoked. */
    static Accounts all() {
      return (vcluster, user) -> true;
    }
  }

  /**
   * The claims by which a token can be revoked. Conduktor's tokens have no {@code jti} and no
   * {@code iat}.
   *
   * @param vcluster null if the token names none
   * @param id the claim {@code jti}, or null
   * @param issued the claim {@code iat}, or null
   */
  public record Facts(
      @Nullable String vcluster, String user, @Nullable String id, @Nullable Instant issued) {}

  /** A new token, its {@code jti} and its end. */
  public record Issued(Secret token, String id, Instant expires) {}

  /** The first one signs. All of them verify. */
  private final List<Key> keys;

  private final Accounts accounts;
  private final InstantSource clock;

  /**
   * @param id the {@code kid} of tokens
   */
  private record Key(String id, MACSigner signer, MACVerifier verifier) {

    static Key of(byte[] bytes) {
      try {
        return new Key(idOf(bytes), new MACSigner(bytes), new MACVerifier(bytes));
      } catch (JOSEException e) {
        throw new IllegalArgumentException("The key of service account tokens cannot be used", e);
      }
    }

    /** The hash does not help to find a key of 256 bits. */
    private static String idOf(byte[] key) {
      try {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(key);
        return HexFormat.of().formatHex(hash, 0, KEY_ID_BYTES);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Java lacks SHA-256", e);
      }
    }
  }

  /**
   * Settings of the verifier.
   *
   * @param key one key, or several separated by commas: the first one signs, all of them verify
   * @param accounts is asked again while sessions last
   */
  public record Settings(Secret key, Source<? extends Accounts> accounts)
      implements Source<PasswordVerifier> {
    @Override
    public PasswordVerifier open(Leases parts) throws SourceException {
      return new ServiceAccountTokens(key, parts.get(accounts), InstantSource.system());
    }

    @Override
    public void check() {
      new ServiceAccountTokens(key);
      accounts.check();
    }
  }

  /** Accepts the tokens of all accounts. */
  public ServiceAccountTokens(Secret key) {
    this(key, Accounts.all(), InstantSource.system());
  }

  /**
   * @param key at least 256 bits in base64, or several such keys separated by commas
   * @throws IllegalArgumentException for any other key
   */
  public ServiceAccountTokens(Secret key, Accounts accounts, InstantSource clock) {
    List<String> texts = List.of(key.reveal().split(",", -1));
    if (texts.size() > MAX_KEYS) {
      throw new IllegalArgumentException(
          "There are %d keys of service account tokens (GATEWAY_USER_POOL_SECRET_KEY), and at most"
                  .formatted(texts.size())
              + " %d are allowed".formatted(MAX_KEYS));
    }
    this.keys = texts.stream().map(ServiceAccountTokens::decode).map(Key::of).toList();
    this.accounts = accounts;
    this.clock = clock;
  }

  private static byte[] decode(String key) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(key.strip());
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
   * Makes a token with the claims {@code username}, {@code vcluster} and {@code exp} of
   * Conduktor's, and with {@code jti} and {@code iat} for its revocation.
   *
   * @param vcluster null to leave it out
   * @throws IllegalArgumentException when the name is empty or the lifetime is not positive
   */
  public Issued issue(String user, @Nullable String vcluster, Duration lifetime) {
    if (user.isEmpty()) {
      throw new IllegalArgumentException("A token needs a user name");
    }
    if (lifetime.toSeconds() < 1) {
      throw new IllegalArgumentException("A token's lifetime is at least one second");
    }
    Instant now = clock.instant();
    Instant expires = now.plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
    String id = UUID.randomUUID().toString();
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .claim(USERNAME, user)
            .jwtID(id)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(expires));
    if (vcluster != null) {
      claims.claim(VCLUSTER, vcluster);
    }
    Key key = keys.getFirst();
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(key.id).build();
    SignedJWT jwt = new SignedJWT(header, claims.build());
    try {
      jwt.sign(key.signer);
    } catch (JOSEException e) {
      throw new IllegalStateException("A token cannot be signed", e);
    }
    return new Issued(new Secret(jwt.serialize()), id, expires);
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
    if (!isSigned(jwt)) {
      throw Jwt.badSignature();
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
    TokenCheck check = new TokenCheck(facts(vcluster, user, claims));
    String refusal = check.recheck();
    if (refusal != null) {
      throw new SaslFailure(SaslFailure.Reason.BAD_CREDENTIALS, refusal);
    }
    return new Outcome(
        new Principal(new User(vcluster, user), PlainMechanism.NAME, Map.of()), expires, check);
  }

  /** Conduktor's tokens do not name their key, so all are tried for them. */
  private boolean isSigned(SignedJWT jwt) throws SaslFailure {
    String id = jwt.getHeader().getKeyID();
    boolean named = keys.stream().anyMatch(key -> key.id.equals(id));
    try {
      for (Key key : keys) {
        if ((!named || key.id.equals(id)) && jwt.verify(key.verifier)) {
          return true;
        }
      }
      return false;
    } catch (JOSEException e) {
      throw Jwt.noToken("its signature cannot be checked", e);
    }
  }

  private static Facts facts(@Nullable String vcluster, String user, JWTClaimsSet claims) {
    Date issued = claims.getIssueTime();
    return new Facts(vcluster, user, claims.getJWTID(), issued == null ? null : issued.toInstant());
  }

  /** Checks a token again while its session lasts. */
  private final class TokenCheck implements CredentialCheck {

    private final Facts token;
    private volatile long seen;

    TokenCheck(Facts token) {
      this.token = token;
    }

    /**
     * Most changes are about other accounts, so this token is checked here before it is outdated.
     */
    @Override
    public boolean isOutdated() {
      long revision = accounts.revision();
      if (revision == seen) {
        return false;
      }
      if (refusal() != null) {
        return true;
      }
      seen = revision;
      return false;
    }

    @Override
    public @Nullable String recheck() {
      long revision = accounts.revision();
      String refusal = refusal();
      seen = revision;
      return refusal;
    }

    private @Nullable String refusal() {
      return accounts.exists(token.vcluster, token.user)
          ? accounts.revoked(token)
          : "a token of a service account that does not exist";
    }
  }
}
