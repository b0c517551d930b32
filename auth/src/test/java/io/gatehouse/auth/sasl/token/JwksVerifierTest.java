package io.gatehouse.auth.sasl.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.Clients;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwksVerifierTest {

  private Issuer issuer;
  private JwksVerifier verifier;

  @BeforeEach
  void start() throws Exception {
    issuer = new Issuer(Issuer.RSA.toPublicJWK());
    verifier = verifier(TokenRules.of(Issuer.NAME, List.of("kafka", "other")));
  }

  @AfterEach
  void stop() {
    verifier.close();
    issuer.close();
  }

  private JwksVerifier verifier(TokenRules rules) {
    return new JwksVerifier(
        new JwksKeys(JwksSettings.of(issuer.location())), rules, InstantSource.fixed(Issuer.NOW));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
  void rsa(String algorithm) throws Exception {
    JWTClaimsSet claims = Issuer.claims().claim("scope", "read write").claim("x", 1).build();
    String token = Issuer.token(Issuer.RSA, JWSAlgorithm.parse(algorithm), claims);
    assertThat(verifier.verify(token))
        .isEqualTo(
            new VerifiedToken(
                User.named("alice"),
                Set.of("read", "write"),
                Issuer.NOW.plusSeconds(330),
                Map.of("iss", Issuer.NAME, "sub", "alice", "scope", "read write")));
  }

  @Test
  void ellipticCurves() throws Exception {
    ECKey key = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    ECKey other = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    issuer.show(key.toPublicJWK());
    verifier.verify(Issuer.token(key, Issuer.claims().build()));
    refused(Reason.BAD_CREDENTIALS, Issuer.token(other, Issuer.claims().build()));
  }

  @Test
  void ed25519() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    issuer.show(
        new OctetKeyPair.Builder(
                Curve.Ed25519,
                Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)))
            .keyID("ed")
            .build());
    String input =
        new JWSHeader.Builder(JWSAlgorithm.EdDSA).keyID("ed").build().toBase64URL()
            + "."
            + Base64URL.encode(Issuer.claims().build().toString());
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(pair.getPrivate());
    signature.update(input.getBytes(StandardCharsets.US_ASCII));
    byte[] signed = signature.sign();
    assertThat(verifier.verify(input + "." + Base64URL.encode(signed)).user().name())
        .isEqualTo("alice");
    signed[5]++;
    refused(Reason.BAD_CREDENTIALS, input + "." + Base64URL.encode(signed));
    refused(Reason.BAD_CREDENTIALS, input + "." + Base64URL.encode(new byte[10]));
  }

  @Test
  void aTokenNeedNotNameItsKey() throws Exception {
    issuer.show(Issuer.OTHER_RSA.toPublicJWK(), Issuer.RSA.toPublicJWK());
    String token =
        Issuer.sign(
            new JWSHeader(JWSAlgorithm.RS256),
            Issuer.claims().build(),
            new RSASSASigner(Issuer.RSA));
    verifier.verify(token);
  }

  @Test
  void aSignatureOfAnotherKeyIsRefused() {
    RSAKey impostor = new RSAKey.Builder(Issuer.OTHER_RSA).keyID(Issuer.RSA.getKeyID()).build();
    refused(Reason.BAD_CREDENTIALS, Issuer.token(impostor, Issuer.claims().build()));
    refused(Reason.BAD_CREDENTIALS, Issuer.token(Issuer.OTHER_RSA, Issuer.claims().build()));
  }

  @Test
  void aKeyInTheTokensHeaderIsIgnored() throws Exception {
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("rsa-1")
            .jwk(Issuer.OTHER_RSA.toPublicJWK())
            .jwkURL(issuer.location())
            .build();
    refused(
        Reason.BAD_CREDENTIALS,
        Issuer.sign(header, Issuer.claims().build(), new RSASSASigner(Issuer.OTHER_RSA)));
  }

  @Test
  void unsignedTokensAreRefused() {
    JWTClaimsSet claims = Issuer.claims().build();
    refused(Reason.BAD_CREDENTIALS, new PlainJWT(claims).serialize());
    for (String none : List.of("none", "None", "NONE", "")) {
      String head = Base64URL.encode("{\"alg\":\"" + none + "\",\"kid\":\"rsa-1\"}").toString();
      String body = Base64URL.encode(claims.toString()).toString();
      refused(Reason.BAD_CREDENTIALS, head + "." + body + ".");
      refused(Reason.BAD_CREDENTIALS, head + "." + body + ".AAAA");
    }
    String token = Issuer.token(Issuer.RSA, claims);
    refused(Reason.BAD_CREDENTIALS, token.substring(0, token.lastIndexOf('.') + 1));
  }

  @Test
  void aPublicKeyIsNotAcceptedAsASharedSecret() throws Exception {
    byte[] publicKey = Issuer.RSA.toRSAPublicKey().getEncoded();
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa-1").build();
    refused(
        Reason.BAD_CREDENTIALS,
        Issuer.sign(header, Issuer.claims().build(), new MACSigner(publicKey)));
    // A secret among the issuer's keys does not enable HS256 either.
    var secret = new OctetSequenceKeyGenerator(256).keyID("secret").generate();
    issuer.answer(
        200,
        "{\"keys\":["
            + secret.toJSONString()
            + ","
            + Issuer.RSA.toPublicJWK().toJSONString()
            + "]}");
    refused(
        Reason.BAD_CREDENTIALS,
        Issuer.sign(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("secret").build(),
            Issuer.claims().build(),
            new MACSigner(secret)));
  }

  @Test
  void algorithmsCanBeFewer() throws Exception {
    TokenRules all = TokenRules.of(Issuer.NAME, List.of("kafka"));
    verifier =
        verifier(
            new TokenRules(
                all.issuer(), all.audiences(), Set.of("PS256"), all.claims(), all.skew()));
    refused(Reason.BAD_CREDENTIALS, Issuer.token(Issuer.RSA, Issuer.claims().build()));
    verifier.verify(Issuer.token(Issuer.RSA, JWSAlgorithm.PS256, Issuer.claims().build()));
  }

  @Test
  void criticalHeadersAreNotIgnored() throws Exception {
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("rsa-1")
            .criticalParams(Set.of("exp2"))
            .customParam("exp2", 1)
            .build();
    refused(
        Reason.BAD_CREDENTIALS,
        Issuer.sign(header, Issuer.claims().build(), new RSASSASigner(Issuer.RSA)));
  }

  @Test
  void othersTokensAreRefused() {
    refused(Reason.NOT_FOR_US, token(Issuer.claims().issuer("https://issuer.test/realm/")));
    refused(Reason.NOT_FOR_US, token(Issuer.claims().issuer(null)));
    refused(Reason.NOT_FOR_US, token(Issuer.claims().audience("kafkaa")));
    refused(Reason.NOT_FOR_US, token(Issuer.claims().audience((String) null)));
    refused(Reason.NOT_FOR_US, token(Issuer.claims().subject(null)));
    refused(Reason.NOT_FOR_US, token(Issuer.claims().subject("")));
    refused(Reason.NOT_FOR_US, token(Issuer.claims().expirationTime(null)));
  }

  @Test
  void oneOfSeveralAudiencesIsEnough() throws Exception {
    verifier.verify(token(Issuer.claims().audience(List.of("x", "other"))));
  }

  @Test
  void timesCountWithinTheSkew() throws Exception {
    verifier.verify(token(Issuer.claims().expirationTime(at(-29))));
    refused(Reason.EXPIRED, token(Issuer.claims().expirationTime(at(-30))));
    verifier.verify(token(Issuer.claims().notBeforeTime(at(30))));
    refused(Reason.EXPIRED, token(Issuer.claims().notBeforeTime(at(31))));
    refused(Reason.EXPIRED, token(Issuer.claims().issueTime(at(31))));
  }

  @Test
  void theEndIsAlwaysAhead() throws Exception {
    assertThat(verifier.verify(token(Issuer.claims().expirationTime(at(-29)))).expires())
        .isAfter(Issuer.NOW);
  }

  @Test
  void claimsMayHaveOtherNames() throws Exception {
    verifier =
        verifier(
            TokenRules.of(Issuer.NAME, List.of("kafka"))
                .with(new TokenRules.Claims("client_id", "scp", null)));
    VerifiedToken token =
        verifier.verify(
            token(Issuer.claims().claim("client_id", "app").claim("scp", List.of("a", "b"))));
    assertThat(token.user().name()).isEqualTo("app");
    assertThat(token.scopes()).containsExactlyInAnyOrder("a", "b");
    refused(Reason.NOT_FOR_US, token(Issuer.claims()));
    refused(Reason.NOT_FOR_US, token(Issuer.claims().claim("client_id", List.of("app"))));
  }

  @Test
  void tenantsComeFromAConfiguredClaimOnly() throws Exception {
    JWTClaimsSet.Builder claims = Issuer.claims().claim("vcluster", "team-b").claim("team", "c");
    assertThat(verifier.verify(token(claims)).user()).isEqualTo(User.named("alice"));
    verifier =
        verifier(
            TokenRules.of(Issuer.NAME, List.of("kafka"))
                .with(new TokenRules.Claims("sub", "scope", "team")));
    assertThat(verifier.verify(token(claims)).user()).isEqualTo(new User("c", "alice"));
    refused(Reason.NOT_FOR_US, token(Issuer.claims()));
    refused(Reason.NOT_FOR_US, token(Issuer.claims().claim("team", "")));
    refused(Reason.NOT_FOR_US, token(Issuer.claims().claim("team", List.of("c"))));
  }

  @Test
  void groupsComeFromAConfiguredClaimOnly() throws Exception {
    JWTClaimsSet.Builder claims = Issuer.claims().claim("roles", List.of("ops", "/dev/a b"));
    assertThat(verifier.verify(token(claims)).groups()).isEmpty();
    verifier =
        verifier(
            TokenRules.of(Issuer.NAME, List.of("kafka"))
                .with(new TokenRules.Claims("sub", "scope", null, "roles")));
    assertThat(verifier.verify(token(claims)).groups())
        .containsExactlyInAnyOrder("ops", "/dev/a b");
    assertThat(verifier.verify(token(Issuer.claims().claim("roles", "a b"))).groups())
        .containsExactly("a b");
    assertThat(verifier.verify(token(Issuer.claims())).groups()).isEmpty();
  }

  /** A group that is left out could be one that is denied something. */
  @Test
  void groupsThatCannotAllBeReadAreRefused() {
    verifier =
        verifier(
            TokenRules.of(Issuer.NAME, List.of("kafka"))
                .with(new TokenRules.Claims("sub", "scope", null, "roles")));
    refused(Reason.NOT_FOR_US, token(Issuer.claims().claim("roles", List.of("ops", 1))));
    refused(Reason.NOT_FOR_US, token(Issuer.claims().claim("roles", Map.of("ops", true))));
    refused(Reason.NOT_FOR_US, token(Issuer.claims().claim("roles", "x".repeat(1025))));
    List<String> many = IntStream.rangeClosed(0, 1000).mapToObj(String::valueOf).toList();
    refused(Reason.NOT_FOR_US, token(Issuer.claims().claim("roles", many)));
    refused(
        Reason.NOT_FOR_US, token(Issuer.claims().claim("_claim_names", Map.of("roles", "src1"))));
  }

  @Test
  void attributesAreBounded() throws Exception {
    JWTClaimsSet.Builder claims = Issuer.claims().claim("long", "x".repeat(2000));
    for (int i = 0; i < 200; i++) {
      claims.claim("c" + i, "v");
    }
    assertThat(verifier.verify(token(claims)).claims()).hasSize(64).doesNotContainKey("long");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "..", "a.b.c", "e30.e30.e30", "e30.e30.e30.e30.e30"})
  void invalidTokensAreRefused(String token) {
    refused(Reason.BAD_CREDENTIALS, token);
    assertThat(issuer.requests()).isZero();
  }

  @Test
  void overlongTokensAreRefused() {
    refused(Reason.BAD_CREDENTIALS, token(Issuer.claims().claim("x", "y".repeat(20_000))));
    assertThat(issuer.requests()).isZero();
  }

  @Test
  void failuresDoNotHoldTheToken() {
    String token = token(Issuer.claims().issuer("https://evil.test\nline"));
    SaslFailure failure = refused(Reason.NOT_FOR_US, token);
    assertThat(failure).hasMessageNotContainingAny(token, "\n").hasMessageContaining("evil.test");
    assertThat(failure.toClient()).doesNotContain("evil", "issuer");
  }

  @Test
  void unsafeSettingsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new TokenRules(
                null, Set.of(), Set.of("HS256"), TokenRules.Claims.DEFAULT, Duration.ZERO))
        .withMessageContaining("HS256");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new TokenRules(
                null, Set.of(), Set.of("none"), TokenRules.Claims.DEFAULT, Duration.ZERO));
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new TokenRules(
                null, Set.of(), Set.of("RS256"), TokenRules.Claims.DEFAULT, Duration.ofHours(1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JwksSettings.of(URI.create("ftp://issuer.test/keys")))
        .withMessageContaining("ftp://issuer.test/keys");
    assertThat(TokenRules.list("[a, b]")).containsExactly("a", "b");
    assertThat(TokenRules.list("a,b,")).containsExactly("a", "b");
    assertThat(TokenRules.list("[]")).isEmpty();
  }

  private static Date at(int seconds) {
    return Date.from(Issuer.NOW.plusSeconds(seconds));
  }

  private static String token(JWTClaimsSet.Builder claims) {
    return Issuer.token((JWK) Issuer.RSA, claims.build());
  }

  private SaslFailure refused(Reason reason, String token) {
    return Clients.refused(reason, () -> verifier.verify(token));
  }
}
