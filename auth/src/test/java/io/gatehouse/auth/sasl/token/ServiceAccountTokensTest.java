package io.gatehouse.auth.sasl.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.gatehouse.auth.CredentialCheck;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.Clients;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Collections;
import java.util.Date;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceAccountTokensTest {

  private static final byte[] KEY =
      "a key of 32 bytes, and some more".getBytes(StandardCharsets.UTF_8);
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  private final ServiceAccountTokens tokens = at(NOW);

  private static ServiceAccountTokens at(Instant time) {
    return new ServiceAccountTokens(
        key(KEY), (vcluster, user) -> !user.equals("deleted"), InstantSource.fixed(time));
  }

  @Test
  void mintedTokensLetTheirUserIn() throws Exception {
    Secret token = tokens.issue("alice", "team-a", Duration.ofHours(1)).token();
    assertThat(tokens.verify("alice", token, Clients.local()).principal())
        .isEqualTo(new Principal(new User("team-a", "alice"), "PLAIN", Map.of()));
    Secret without = tokens.issue("alice", null, Duration.ofHours(1)).token();
    assertThat(tokens.verify("alice", without, Clients.local()).principal())
        .isEqualTo(new Principal("alice", "PLAIN"));
  }

  @Test
  void mintedTokensHaveTheClaimsOthersKnowAndThoseTheyAreTakenBackBy() throws Exception {
    ServiceAccountTokens.Issued issued = tokens.issue("alice", "team-a", Duration.ofSeconds(100));
    SignedJWT jwt = SignedJWT.parse(issued.token().reveal());
    assertThat(jwt.getHeader().toJSONObject())
        .containsOnlyKeys("alg", "kid")
        .containsEntry("alg", "HS256");
    assertThat(jwt.getPayload().toJSONObject())
        .containsOnly(
            Map.entry("username", "alice"),
            Map.entry("vcluster", "team-a"),
            Map.entry("jti", issued.id()),
            Map.entry("iat", NOW.getEpochSecond()),
            Map.entry("exp", NOW.getEpochSecond() + 100));
    assertThat(issued.expires()).isEqualTo(NOW.plusSeconds(100));
  }

  @Test
  void keysAreToldApartByTheirIdOnly() throws Exception {
    byte[] other = KEY.clone();
    other[0]++;
    String one = SignedJWT.parse(minted(key(KEY))).getHeader().getKeyID();
    assertThat(SignedJWT.parse(minted(key(KEY))).getHeader().getKeyID()).isEqualTo(one);
    assertThat(SignedJWT.parse(minted(key(other))).getHeader().getKeyID()).isNotEqualTo(one);
  }

  @Test
  void theFirstKeySignsAndAllKeysVerify() throws Exception {
    byte[] next = KEY.clone();
    next[0]++;
    Secret both = new Secret(key(next).reveal() + ", " + key(KEY).reveal());
    ServiceAccountTokens rotating =
        new ServiceAccountTokens(both, (v, u) -> true, InstantSource.fixed(NOW));
    ServiceAccountTokens rotated =
        new ServiceAccountTokens(key(next), (v, u) -> true, InstantSource.fixed(NOW));
    Secret old = tokens.issue("alice", null, Duration.ofHours(1)).token();
    Secret made = rotating.issue("alice", null, Duration.ofHours(1)).token();

    assertThat(rotating.verify("alice", old, Clients.local()).principal().name())
        .isEqualTo("alice");
    assertThat(rotated.verify("alice", made, Clients.local()).principal().name())
        .isEqualTo("alice");
    Clients.refused(Reason.BAD_CREDENTIALS, () -> rotated.verify("alice", old, Clients.local()));
    // Conduktor's tokens do not name their key.
    Secret unnamed = new Secret(unnamed(KEY));
    assertThat(rotating.verify("alice", unnamed, Clients.local()).principal().name())
        .isEqualTo("alice");
  }

  private static String unnamed(byte[] key) throws Exception {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader(JWSAlgorithm.HS256),
            new JWTClaimsSet.Builder()
                .claim("username", "alice")
                .expirationTime(Date.from(NOW.plusSeconds(60)))
                .build());
    jwt.sign(new MACSigner(key));
    return jwt.serialize();
  }

  @Test
  void eachOfSeveralKeysMustBeAKey() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ServiceAccountTokens(new Secret(key(KEY).reveal() + ",")))
        .withMessageContaining("0 bits");
    String nine = String.join(",", Collections.nCopies(9, key(KEY).reveal()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ServiceAccountTokens(new Secret(nine)))
        .withMessageContaining("9 keys");
  }

  private static String minted(Secret key) {
    return new ServiceAccountTokens(key).issue("alice", null, Duration.ofHours(1)).token().reveal();
  }

  /** Accounts as a test changes them. */
  private static final class Changing implements ServiceAccountTokens.Accounts {

    private long revision;
    private final Set<String> deleted = new HashSet<>();
    private final Set<String> revoked = new HashSet<>();

    @Override
    public boolean exists(@Nullable String vcluster, String user) {
      return !deleted.contains(user);
    }

    @Override
    public @Nullable String revoked(ServiceAccountTokens.Facts token) {
      return revoked.contains(token.id()) ? "a token that was revoked" : null;
    }

    @Override
    public long revision() {
      return revision;
    }
  }

  @Test
  void whatTheyProveIsTakenBackWithTheAccountOrTheToken() throws Exception {
    Changing accounts = new Changing();
    ServiceAccountTokens live =
        new ServiceAccountTokens(key(KEY), accounts, InstantSource.fixed(NOW));
    ServiceAccountTokens.Issued alices = live.issue("alice", null, Duration.ofHours(1));
    ServiceAccountTokens.Issued others = live.issue("alice", null, Duration.ofHours(1));
    CredentialCheck alice =
        Objects.requireNonNull(live.verify("alice", alices.token(), Clients.local()).check());
    CredentialCheck other =
        Objects.requireNonNull(live.verify("alice", others.token(), Clients.local()).check());
    assertThat(alice.isOutdated()).isFalse();

    accounts.deleted.add("bob");
    accounts.revision++;
    assertThat(alice.isOutdated()).as("a change that is about somebody else").isFalse();

    accounts.revoked.add(alices.id());
    accounts.revision++;
    assertThat(alice.isOutdated()).isTrue();
    assertThat(alice.recheck()).isEqualTo("a token that was revoked");
    assertThat(other.isOutdated()).isFalse();
    Clients.refused(
        Reason.BAD_CREDENTIALS, () -> live.verify("alice", alices.token(), Clients.local()));

    accounts.deleted.add("alice");
    accounts.revision++;
    assertThat(other.isOutdated()).isTrue();
    assertThat(other.recheck()).isEqualTo("a token of a service account that does not exist");
  }

  @Test
  void tokensEnd() throws Exception {
    Secret token = tokens.issue("alice", "team-a", Duration.ofSeconds(100)).token();
    at(NOW.plusSeconds(99)).verify("alice", token, Clients.local());
    Clients.refused(
        Reason.EXPIRED, () -> at(NOW.plusSeconds(100)).verify("alice", token, Clients.local()));
  }

  @Test
  void theSessionEndsWithTheToken() throws Exception {
    Secret token = tokens.issue("alice", "team-a", Duration.ofSeconds(100)).token();
    SaslExchange exchange = new PlainMechanism(tokens).begin(Clients.local());

    exchange.next(("\0alice\0" + token.reveal()).getBytes(StandardCharsets.UTF_8));

    SaslExchange.Outcome outcome = Objects.requireNonNull(exchange.outcome());
    assertThat(outcome.principal())
        .isEqualTo(new Principal(new User("team-a", "alice"), "PLAIN", Map.of()));
    assertThat(outcome.expires()).isEqualTo(NOW.plusSeconds(100));
  }

  @Test
  void tokensOfOtherIssuersAreRefused() {
    Secret token = tokens.issue("alice", "team-a", Duration.ofHours(1)).token();
    var failure = refused(Reason.NOT_FOR_US, "bob", token.reveal());
    assertThat(failure).hasMessageContaining("'bob'").hasMessageNotContaining(token.reveal());
    refused(Reason.NOT_FOR_US, "ALICE", token.reveal());
  }

  @Test
  void deletedAccountsAreRefused() {
    Secret token = tokens.issue("deleted", "team-a", Duration.ofHours(1)).token();
    refused(Reason.BAD_CREDENTIALS, "deleted", token.reveal());
  }

  @Test
  void tokensOfAnotherKeyAreRefused() {
    byte[] other = KEY.clone();
    other[0]++;
    Secret token =
        new ServiceAccountTokens(key(other), (v, u) -> true, InstantSource.fixed(NOW))
            .issue("alice", "team-a", Duration.ofHours(1))
            .token();
    refused(Reason.BAD_CREDENTIALS, "alice", token.reveal());
  }

  @Test
  void modifiedTokensAreRefused() {
    String token = tokens.issue("alice", "team-a", Duration.ofHours(1)).token().reveal();
    String[] parts = token.split("\\.", -1);
    String claims =
        new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
            .replace("alice", "admin");
    refused(Reason.BAD_CREDENTIALS, "admin", parts[0] + "." + encode(claims) + "." + parts[2]);
    refused(Reason.BAD_CREDENTIALS, "alice", parts[0] + "." + parts[1] + ".");
    refused(Reason.BAD_CREDENTIALS, "alice", token.substring(0, token.length() - 4));
  }

  @Test
  void onlyHs256Counts() throws Exception {
    JWTClaimsSet claims = claims().build();
    refused(Reason.BAD_CREDENTIALS, "alice", new PlainJWT(claims).serialize());
    refused(
        Reason.BAD_CREDENTIALS,
        "alice",
        encode("{\"alg\":\"none\"}") + "." + encode(claims.toString()) + ".");

    SignedJWT rsa = new SignedJWT(new JWSHeader(JWSAlgorithm.RS256), claims);
    rsa.sign(new RSASSASigner(new RSAKeyGenerator(2048).generate()));
    refused(Reason.BAD_CREDENTIALS, "alice", rsa.serialize());

    byte[] longKey = "x".repeat(64).getBytes(StandardCharsets.UTF_8);
    SignedJWT hs512 = new SignedJWT(new JWSHeader(JWSAlgorithm.HS512), claims);
    hs512.sign(new MACSigner(longKey));
    ServiceAccountTokens sameKey =
        new ServiceAccountTokens(key(longKey), (v, u) -> true, InstantSource.fixed(NOW));
    Clients.refused(
        Reason.BAD_CREDENTIALS,
        () -> sameKey.verify("alice", new Secret(hs512.serialize()), Clients.local()));
  }

  @Test
  void anExpiryIsRequired() throws Exception {
    refused(
        Reason.NOT_FOR_US,
        "alice",
        signed(new JWTClaimsSet.Builder().claim("username", "alice").build()));
    refused(
        Reason.NOT_FOR_US,
        "alice",
        signed(new JWTClaimsSet.Builder().expirationTime(Date.from(NOW.plusSeconds(60))).build()));
    refused(
        Reason.EXPIRED,
        "alice",
        signed(claims().notBeforeTime(Date.from(NOW.plusSeconds(10))).build()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x", "a.b.c", "..", "e30.e30.", "e30.e30.e30", "alice-secret", "\u00e4.b.c"})
  void anInvalidTokenIsAWrongPassword(String password) {
    refused(Reason.BAD_CREDENTIALS, "alice", password);
  }

  @Test
  void longAndDeeplyNestedTokensAreRefused() {
    refused(Reason.BAD_CREDENTIALS, "alice", "x".repeat(20_000));
    String deep = encode("{\"alg\":\"HS256\",\"x\":" + "[".repeat(5000) + "]".repeat(5000) + "}");
    refused(Reason.BAD_CREDENTIALS, "alice", deep + ".e30.AAAA");
  }

  @Test
  void wrongKeysAreRefusedAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ServiceAccountTokens(key(new byte[31])))
        .withMessageContaining("248 bits")
        .withMessageContaining("GATEWAY_USER_POOL_SECRET_KEY");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ServiceAccountTokens(new Secret("not base64!")))
        .withMessageContaining("not base64")
        .withNoCause();
  }

  private SaslFailure refused(Reason reason, String user, String password) {
    return Clients.refused(
        reason, () -> tokens.verify(user, new Secret(password), Clients.local()));
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .claim("username", "alice")
        .expirationTime(Date.from(NOW.plusSeconds(60)));
  }

  private static String signed(JWTClaimsSet claims) throws Exception {
    SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    jwt.sign(new MACSigner(KEY));
    return jwt.serialize();
  }

  private static Secret key(byte[] key) {
    return new Secret(Base64.getEncoder().encodeToString(key));
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
