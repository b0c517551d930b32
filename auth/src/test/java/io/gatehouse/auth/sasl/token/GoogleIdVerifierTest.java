package io.gatehouse.auth.sasl.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import io.gatehouse.auth.sasl.Clients;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GoogleIdVerifierTest {

  private Issuer google;
  private GoogleIdVerifier verifier;

  @BeforeEach
  void start() throws Exception {
    google = new Issuer(Issuer.RSA.toPublicJWK());
    verifier =
        new GoogleIdVerifier(
            new GoogleIdSettings(
                Set.of("tcp://kafka-proxy"),
                List.of("^app@.*\\.iam\\.gserviceaccount\\.com$", "^me@example\\.com$"),
                Duration.ofSeconds(10),
                Duration.ofHours(1),
                google.location()),
            InstantSource.fixed(Issuer.NOW));
  }

  @AfterEach
  void stop() {
    verifier.close();
    google.close();
  }

  private static JWTClaimsSet.Builder claims() {
    return Issuer.claims()
        .issuer("https://accounts.google.com")
        .audience("tcp://kafka-proxy")
        .subject("1234567890")
        .claim("email_verified", true)
        .claim("email", "me@example.com");
  }

  @Test
  void theMailAddressIsThePrincipal() throws Exception {
    VerifiedToken token = verifier.verify(token(claims()));
    assertThat(token.user().name()).isEqualTo("me@example.com");
    assertThat(token.claims()).containsEntry("sub", "1234567890");
    verifier.verify(token(claims().issuer("accounts.google.com")));
    verifier.verify(token(claims().claim("email", "app@project.iam.gserviceaccount.com")));
  }

  @Test
  void othersAreRefused() {
    refused(Reason.NOT_FOR_US, token(claims().issuer("https://accounts.google.com.evil.test")));
    refused(Reason.NOT_FOR_US, token(claims().issuer(null)));
    refused(Reason.NOT_FOR_US, token(claims().audience("tcp://other")));
    refused(Reason.NOT_FOR_US, token(claims().claim("email", "you@example.com")));
    refused(Reason.NOT_FOR_US, token(claims().claim("email", null)));
    refused(Reason.NOT_FOR_US, token(claims().claim("email_verified", false)));
    refused(Reason.NOT_FOR_US, token(claims().claim("email_verified", null)));
    refused(Reason.NOT_FOR_US, token(claims().claim("email_verified", "true")));
    refused(Reason.NOT_FOR_US, token(claims().issueTime(null)));
    refused(Reason.BAD_CREDENTIALS, Issuer.token(Issuer.OTHER_RSA, claims().build()));
    refused(Reason.BAD_CREDENTIALS, Issuer.token(Issuer.RSA, JWSAlgorithm.PS256, claims().build()));
  }

  @Test
  void anExpressionIsNeeded() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GoogleIdSettings.of(Set.of(), List.of()))
        .withMessageContaining("--email-regex");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GoogleIdSettings.of(Set.of(), List.of("(")))
        .withMessageContaining("(");
  }

  private static String token(JWTClaimsSet.Builder claims) {
    return Issuer.token(Issuer.RSA, claims.build());
  }

  private void refused(Reason reason, String token) {
    Clients.refused(reason, () -> verifier.verify(token));
  }
}
